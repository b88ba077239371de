import type { Texts } from '../../format-text.ts';
import type { InboxKey } from './en.ts';

const fr: Texts<InboxKey> = {
  'action.archive': 'Archiver',
  'action.delete': 'Supprimer',
  'action.markAllRead': 'Tout marquer comme lu',
  'action.markRead': 'Marquer comme lue',
  'action.markUnread': 'Marquer comme non lue',
  'action.retry': 'Réessayer',
  'action.save': 'Enregistrer',
  'action.snooze': 'Mettre en veille',
  'action.unarchive': 'Déplacer vers la boîte de réception',
  'action.undo': 'Annuler',
  'action.unsave': 'Retirer des enregistrées',
  'action.unsnooze': 'Remettre maintenant',
  'inbox.tabAll': 'Boîte de réception',
  'inbox.tabArchived': 'Archivées',
  'inbox.tabSaved': 'Enregistrées',
  'inbox.tabSnoozed': 'En veille',
  'inbox.tabUnread': 'Non lues',
  'inbox.title': 'Notifications',
};
export default fr;
