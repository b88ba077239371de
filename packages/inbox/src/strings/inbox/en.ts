import type { Texts } from '../../format-text.ts';

/** English texts of the inbox, and the keys of all of them. */
export const en = {
  'action.archive': 'Archive',
  'action.delete': 'Delete',
  'action.markAllRead': 'Mark all as read',
  'action.markRead': 'Mark as read',
  'action.markUnread': 'Mark as unread',
  'action.retry': 'Try again',
  'action.save': 'Save',
  'action.snooze': 'Snooze',
  'action.unarchive': 'Move to inbox',
  'action.undo': 'Undo',
  'action.unsave': 'Remove from saved',
  'action.unsnooze': 'Return to inbox now',
  'inbox.tabAll': 'Inbox',
  'inbox.tabArchived': 'Archived',
  'inbox.tabSaved': 'Saved',
  'inbox.tabSnoozed': 'Snoozed',
  'inbox.tabUnread': 'Unread',
  'inbox.title': 'Notifications',
} satisfies Texts;

export type InboxKey = keyof typeof en;
