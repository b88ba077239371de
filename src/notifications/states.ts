import type { Notification } from './model.ts';

/** Where a notification is. A snoozed one is archived and returns to the inbox by itself. */
export const notificationStates = ['inbox', 'snoozed', 'archived'] as const;
export type NotificationState = (typeof notificationStates)[number];

export function stateOf({ status, snoozed_until }: Pick<Notification, 'status' | 'snoozed_until'>): NotificationState {
  if (status === 'inbox') return 'inbox';
  return snoozed_until === null ? 'archived' : 'snoozed';
}

/**
 * Whether the recipient has seen the notification: it is read or not in the inbox, or was shown at or before the version
 * up to which the recipient has seen the inbox. Must agree with `unseenSql` in `sql/fragments.ts`.
 */
export function isSeen(
  row: Pick<Notification, 'status' | 'read_at' | 'shown_version' | 'created_version'>,
  seenVersion: number,
): boolean {
  return row.status !== 'inbox' || row.read_at !== null || (row.shown_version ?? row.created_version) <= seenVersion;
}

/** Figures of an inbox that are counted when they are asked for. */
export interface Figures {
  /** Number of unseen notifications. */
  readonly unseen: number;
  /** Number of saved notifications, in any state. */
  readonly saved: number;
  /** Number of snoozed notifications. */
  readonly snoozed: number;
}
