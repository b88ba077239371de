import type { Texts } from '../../format-text.ts';

/** English texts of the bell, and the keys of all of them. */
export const en = {
  'bell.arrived': { one: '{count} new notification', other: '{count} new notifications' },
  'bell.failed': 'The inbox could not be loaded.',
  'bell.hinted': '{label}. {hint}',
  'bell.label': 'Notifications',
  'bell.labelNew': {
    one: 'Notifications, {count} new, {unread} unread',
    other: 'Notifications, {count} new, {unread} unread',
  },
  'bell.labelUnread': { one: 'Notifications, {count} unread', other: 'Notifications, {count} unread' },
  'bell.loading': 'Loading…',
  'bell.offline': 'No connection',
  'bell.refused': 'Please sign in again',
  'bell.retry': 'Try again',
} satisfies Texts;

export type BellKey = keyof typeof en;
