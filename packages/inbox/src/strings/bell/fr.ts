import type { Texts } from '../../format-text.ts';
import type { BellKey } from './en.ts';

const fr: Texts<BellKey> = {
  'bell.arrived': {
    one: '{count} nouvelle notification',
    many: '{count} nouvelles notifications',
    other: '{count} nouvelles notifications',
  },
  'bell.failed': 'Impossible de charger la boîte de réception.',
  'bell.hinted': '{label}. {hint}',
  'bell.label': 'Notifications',
  'bell.labelNew': {
    one: 'Notifications, {count} nouvelle, non lues : {unread}',
    many: 'Notifications, {count} nouvelles, non lues : {unread}',
    other: 'Notifications, {count} nouvelles, non lues : {unread}',
  },
  'bell.labelUnread': {
    one: 'Notifications, {count} non lue',
    many: 'Notifications, {count} non lues',
    other: 'Notifications, {count} non lues',
  },
  'bell.loading': 'Chargement…',
  'bell.offline': 'Pas de connexion',
  'bell.refused': 'Veuillez vous reconnecter',
  'bell.retry': 'Réessayer',
};
export default fr;
