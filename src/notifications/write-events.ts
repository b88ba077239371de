import { may } from '../auth/rights.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Notification, NotificationId } from './model.ts';
import type { VersionRange } from './ranges.ts';
import type { NotificationMethods } from './sql/methods.ts';

/**
 * The effect of a write on one notification in one inbox. A move causes two events: a delete in one inbox and a create
 * in the other; a viewer of both inboxes sees one update.
 */
export type WriteEvent =
  | { readonly kind: 'create'; readonly notification: Notification; readonly isMove: boolean }
  | { readonly kind: 'update'; readonly notification: Notification }
  | {
      readonly kind: 'delete';
      readonly id: NotificationId;
      readonly recipient_id: string;
      /** The notification was moved to another inbox, and may have been deleted there since. */
      readonly isMove: boolean;
    };

/** An event as one viewer may see it. */
export type VisibleEvent =
  | { readonly kind: 'create' | 'update'; readonly notification: Notification }
  | { readonly kind: 'delete'; readonly id: NotificationId };

/**
 * The events of one write, in order within each inbox. Rows are returned in their current state: a row that a later
 * write changed as well appears in the events of both writes with its newest state. A row that a later write deleted,
 * moved, or moved back to an inbox appears only in the events of that later write. So the last event about a row is
 * correct in whatever order writes are processed.
 */
export async function readEvents(prisma: NotificationMethods, ranges: readonly VersionRange[]): Promise<WriteEvent[]> {
  const removed = ranges.flatMap(({ recipient, deleted = [] }) =>
    deleted.map((id): WriteEvent => ({ kind: 'delete', id, recipient_id: recipient, isMove: false })),
  );
  // A write that deletes does nothing else to the inbox and names the deleted ids, so no query is needed.
  const taken = ranges.filter(({ from, to, deleted = [] }) => to > from && deleted.length === 0);
  if (taken.length === 0) return removed;
  const touched = taken.flatMap(({ recipient, updated = [] }) => updated.map((id) => ({ recipient, id })));
  const rows = await prisma.notification.readEvents(taken, touched);
  const changes = rows.map(({ kind, is_move, position: _position, ...notification }): WriteEvent => {
    if (kind === 'create') return { kind, notification, isMove: is_move };
    if (kind === 'update') return { kind, notification };
    return { kind, id: notification.id, recipient_id: notification.recipient_id, isMove: is_move };
  });
  return [...changes, ...removed];
}

/** The event as this viewer may see it, or null if the viewer must not see it. */
export function eventFor(viewer: Viewer, change: WriteEvent): VisibleEvent | null {
  if (viewer.kind === 'anonymous') return null;
  if (may(viewer, 'notifications.read_all')) {
    // A viewer of all inboxes gets one event for a move: the event of the inbox that now contains the notification.
    if (change.kind === 'delete') return change.isMove ? null : { kind: 'delete', id: change.id };
    const kind = change.kind === 'create' && change.isMove ? 'update' : change.kind;
    return { kind, notification: change.notification };
  }
  if (change.kind === 'delete') return change.recipient_id === viewer.id ? { kind: 'delete', id: change.id } : null;
  const { kind, notification } = change;
  return notification.recipient_id === viewer.id ? { kind, notification } : null;
}
