/** What `changeInbox` can do with notifications of an inbox. */
export const inboxActions = [
  'read',
  'unread',
  'archive',
  'unarchive',
  'save',
  'unsave',
  'snooze',
  'unsnooze',
  'delete',
] as const;
export type InboxAction = (typeof inboxActions)[number];

/** For this long an operation can be undone, in milliseconds. */
export const undoMs = 10 * 60 * 1000;

/** The result of a bulk action, or of undoing one. */
export interface InboxOperation {
  readonly id: string;
  /** For an undo, the action that was undone. */
  readonly action: InboxAction;
  /** The operation that this one undid; null for an action. */
  readonly undoes: string | null;
  /** Number of changed notifications. */
  readonly changed: number;
  /** Number of notifications that the caller named, or that match the filter, and that were left as they were. */
  readonly skipped: number;
  /** Until when it can be undone; null if it cannot be. */
  readonly undoableUntil: string | null;
}
