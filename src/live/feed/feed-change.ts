import type { InboxBatch } from '../../notifications/change-batches.ts';
import type { Notification, NotificationId } from '../../notifications/model.ts';
import type { Figures } from '../../notifications/states.ts';
import { encodeCursor } from './cursor.ts';

export const changeKinds = ['created', 'updated', 'deleted', 'counted', 'reset'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** A change to one notification of an inbox, with the counts of the inbox at the time of reading. */
export interface FeedChange {
  readonly kind: ChangeKind;
  /**
   * The current row, also for `deleted` when the row no longer matches the filter. Null when the row is gone, and for
   * `counted` and `reset`.
   */
  readonly notification: Notification | null;
  /** Null for `counted` and `reset`. */
  readonly key: NotificationId | null;
  readonly unread: number;
  readonly total: number;
  /** Counted if a follower of this inbox asks for them. */
  readonly figures?: Figures | undefined;
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
  as(kind: Exclude<ChangeKind, 'counted' | 'reset'>): FeedChange;
}

/** Converts the changed rows of a batch. Each change carries the counts of the inbox at the time of reading. */
function changesOf(
  inbox: InboxName,
  { rowChanges, unread, total, figures }: Pick<InboxBatch, 'rowChanges' | 'unread' | 'total' | 'figures'>,
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
        const change = made.get(kind) ?? { kind, notification, key, unread, total, figures, cursor };
        made.set(kind, change);
        return change;
      },
    };
  });
}

/** What a batch tells followers: its changed rows, and the figures at its end. */
export interface BatchChanges {
  readonly changes: readonly PendingChange[];
  /** The batch covers all changes up to this version. */
  readonly version: number;
  /**
   * The change for followers of the figures to whom the last changed row was not sent, or that had none: the recipient
   * has seen the inbox, which takes a version that no row has. Undefined if more changes follow.
   */
  readonly counted: (() => FeedChange) | undefined;
}

export function batchChangesOf(inbox: InboxName, batch: InboxBatch): BatchChanges {
  const { version, unread, total, figures, isPartial } = batch;
  let counted: FeedChange | undefined;
  const count = (): FeedChange => {
    const cursor = encodeCursor({ ...inbox, version });
    counted ??= { kind: 'counted', notification: null, key: null, unread, total, figures, cursor };
    return counted;
  };
  return { changes: changesOf(inbox, batch), version, counted: isPartial ? undefined : count };
}

/**
 * The change that a follower receives for a changed row, if any. A matching row was created or updated; any other row
 * is `deleted` for this follower. A row that returned from a snooze is created once more. A new row that does not match
 * is skipped if it was not changed since its creation; a changed one may have matched, and been sent, before.
 * @param after the version up to which the follower has received changes.
 */
export function changeForFollower(
  { matches, after }: { readonly matches: (row: Notification) => boolean; readonly after: number },
  pending: PendingChange,
): FeedChange | undefined {
  const { notification } = pending;
  if (notification === null) return pending.as('deleted');
  const isNew = Math.max(notification.created_version, notification.shown_version ?? 0) > after;
  if (matches(notification)) return pending.as(isNew ? 'created' : 'updated');
  return isNew && notification.version === notification.created_version ? undefined : pending.as('deleted');
}

/** A reset: the follower must read the inbox again and continue from this cursor. */
export function resetOf(
  inbox: InboxName,
  { version, unread, total, figures }: Pick<InboxBatch, 'version' | 'unread' | 'total' | 'figures'>,
): FeedChange {
  const cursor = encodeCursor({ ...inbox, version });
  return { kind: 'reset', notification: null, key: null, unread, total, figures, cursor };
}
