import type { Texts } from '../../format-text.ts';
import type { InboxKey } from './en.ts';

const de: Texts<InboxKey> = {
  'action.archive': 'Archivieren',
  'action.delete': 'Löschen',
  'action.markAllRead': 'Alle als gelesen markieren',
  'action.markRead': 'Als gelesen markieren',
  'action.markUnread': 'Als ungelesen markieren',
  'action.retry': 'Erneut versuchen',
  'action.save': 'Merken',
  'action.snooze': 'Zurückstellen',
  'action.unarchive': 'In den Posteingang',
  'action.undo': 'Rückgängig',
  'action.unsave': 'Nicht mehr merken',
  'action.unsnooze': 'Jetzt zurückholen',
  'inbox.tabAll': 'Posteingang',
  'inbox.tabArchived': 'Archiviert',
  'inbox.tabSaved': 'Gemerkt',
  'inbox.tabSnoozed': 'Zurückgestellt',
  'inbox.tabUnread': 'Ungelesen',
  'inbox.title': 'Benachrichtigungen',
};
export default de;
