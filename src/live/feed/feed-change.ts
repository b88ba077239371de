import type { InboxBatch } from '../../notifications/change-batches.ts';
import type { Notification, NotificationId } from '../../notifications/model.ts';
import { encodeCursor } from './cursor.ts';

export const changeKinds = ['created', 'updated', 'deleted', 'reset'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** A change to one notification of an inbox, with the counts of the inbox at the time of reading. */
export interface FeedChange {
  readonly kind: ChangeKind;
  /**
   * The current row, also for `deleted` when the row no longer matches the filter. Null when the row is gone, and for
   * `reset`.
   */
  readonly notification: Notification | null;
  /** Null for `reset`. */
  readonly key: NotificationId | null;
  readonly unread: number;
  readonly total: number;
  /** The cursor from which to continue after this change. */
  readonly cursor: string;
}

/** Identifies an inbox: its recipient and its store. */
export interface InboxName {
  readonly database: string;
  readonly recipient: string;
}

/**
 * One changed row of a batch before it is known which followers receive it. All followers that get the same kind get
 * the same object, so that it is executed and serialised once.
 */
export interface PendingChange {
  readonly version: number;
  /** The current row; null when it is gone. */
  readonly notification: Notification | null;
  as(kind: Exclude<ChangeKind, 'reset'>): FeedChange;
}

/** Converts the changed rows of a batch. Each change carries the counts of the inbox at the time of reading. */
export function changesOf(
  inbox: InboxName,
  { rowChanges, unread, total }: Pick<InboxBatch, 'rowChanges' | 'unread' | 'total'>,
): PendingChange[] {
  return rowChanges.map((row) => {
    const { version } = row;
    const notification = 'gone' in row ? null : row.notification;
    const key = 'gone' in row ? row.gone : row.notification.id;
    const made = new Map<ChangeKind, FeedChange>();
    let cursor: string | undefined;
    return {
      version,
      notification,
      as(kind) {
        cursor ??= encodeCursor({ ...inbox, version });
        const change = made.get(kind) ?? { kind, notification, key, unread, total, cursor };
        made.set(kind, change);
        return change;
      },
    };
  });
}

/**
 * The change that a follower receives for a changed row, if any. A matching row was created or updated; any other row
 * is `deleted` for this follower. A new row that does not match is skipped if it was not changed since its creation; a
 * changed one may have matched, and been sent, before.
 * @param after the version up to which the follower has received changes.
 */
export function changeForFollower(
  { matches, after }: { readonly matches: (row: Notification) => boolean; readonly after: number },
  pending: PendingChange,
): FeedChange | undefined {
  const { notification } = pending;
  if (notification === null) return pending.as('deleted');
  const isNew = notification.created_version > after;
  if (matches(notification)) return pending.as(isNew ? 'created' : 'updated');
  return isNew && notification.version === notification.created_version ? undefined : pending.as('deleted');
}

/** A reset: the follower must read the inbox again and continue from this cursor. */
export function resetOf(
  inbox: InboxName,
  { version, unread, total }: Pick<InboxBatch, 'version' | 'unread' | 'total'>,
): FeedChange {
  return { kind: 'reset', notification: null, key: null, unread, total, cursor: encodeCursor({ ...inbox, version }) };
}
