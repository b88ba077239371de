import type { Texts } from '../../format-text.ts';
import type { BellKey } from './en.ts';

const de: Texts<BellKey> = {
  'bell.arrived': { one: '{count} neue Benachrichtigung', other: '{count} neue Benachrichtigungen' },
  'bell.failed': 'Der Posteingang konnte nicht geladen werden.',
  'bell.hinted': '{label}. {hint}',
  'bell.label': 'Benachrichtigungen',
  'bell.labelNew': {
    one: 'Benachrichtigungen, {count} neu, {unread} ungelesen',
    other: 'Benachrichtigungen, {count} neu, {unread} ungelesen',
  },
  'bell.labelUnread': { one: 'Benachrichtigungen, {count} ungelesen', other: 'Benachrichtigungen, {count} ungelesen' },
  'bell.loading': 'Wird geladen …',
  'bell.offline': 'Keine Verbindung',
  'bell.refused': 'Bitte erneut anmelden',
  'bell.retry': 'Erneut versuchen',
};
export default de;
