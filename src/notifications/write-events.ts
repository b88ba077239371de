import type { Viewer } from '../auth/viewer.ts';
import type { Queryable } from '../database/database.ts';
import { type Notification, type NotificationId, notificationColumns } from './model.ts';
import type { VersionRange } from './ranges.ts';

/**
 * What a write did to one notification in one inbox. A move causes two events: a delete in one inbox and a create in
 * the other; a viewer of both inboxes sees one update.
 */
export type WriteEvent =
  | { readonly kind: 'create'; readonly notification: Notification; readonly isMove: boolean }
  | { readonly kind: 'update'; readonly notification: Notification }
  | {
      readonly kind: 'delete';
      readonly id: NotificationId;
      readonly recipient_id: string;
      /** The notification is now in another inbox. */
      readonly isMove: boolean;
    };

/** An event as one viewer may see it. */
export type VisibleEvent =
  | { readonly kind: 'create' | 'update'; readonly notification: Notification }
  | { readonly kind: 'delete'; readonly id: NotificationId };

type Row = Notification & { readonly kind: WriteEvent['kind']; readonly is_move: boolean; readonly position: number };

/**
 * The events of one write, in order within each inbox. Rows are returned in their current state: a row that a later
 * write changed as well appears in the events of both writes with its newest state. Rows since deleted or moved are
 * left to the later write, and so are rows that returned to an inbox. So the last event about a row is correct in
 * whatever order writes are processed.
 */
export async function readEvents(db: Queryable, ranges: readonly VersionRange[]): Promise<WriteEvent[]> {
  const removed = ranges.flatMap(({ recipient, deleted = [] }) =>
    deleted.map((id): WriteEvent => ({ kind: 'delete', id, recipient_id: recipient, isMove: false })),
  );
  // A write that deletes does nothing else to the inbox and names the deleted ids, so no query is needed.
  const taken = ranges.filter(({ from, to, deleted = [] }) => to > from && deleted.length === 0);
  if (taken.length === 0) return removed;
  const touched = taken.flatMap(({ recipient, updated = [] }) => updated.map((id) => ({ recipient, id })));
  const rows = await db.query<Row>({
    name: 'changes_in',
    text: changesText,
    values: [
      taken.map(({ recipient }) => recipient),
      taken.map(({ from }) => from),
      taken.map(({ to }) => to),
      touched.map(({ recipient }) => recipient),
      touched.map(({ id }) => id),
    ],
  });
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
  if (viewer.role === 'admin') {
    // A viewer of all inboxes gets one event for a move: the one of the inbox that now holds the notification.
    if (change.kind === 'delete') return change.isMove ? null : { kind: 'delete', id: change.id };
    const kind = change.kind === 'create' && change.isMove ? 'update' : change.kind;
    return { kind, notification: change.notification };
  }
  if (change.kind === 'delete') return change.recipient_id === viewer.id ? { kind: 'delete', id: change.id } : null;
  const { kind, notification } = change;
  return notification.recipient_id === viewer.id ? { kind, notification } : null;
}

const columns = notificationColumns.map((column) => `n.${column}`).join(', ');
// A tombstone keeps only the keys of the row.
const tombstoneColumns = notificationColumns
  .map((column) => {
    if (column === 'id' || column === 'uuid' || column === 'recipient_id' || column === 'version') return `t.${column}`;
    return `null as ${column}`;
  })
  .join(', ');

const changesText = `
  with given as (select * from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as given (recipient_id, low, high)),
  touched as (select * from unnest($4::uuid[], $5::bigint[]) as touched (recipient_id, id)),
  dead as (
    select t.* from given join notification_tombstones t
      on t.recipient_id = given.recipient_id and t.version > given.low and t.version <= given.high
  )
  select ${columns}, 'create' as kind,
         exists (select from touched where touched.id = n.id and touched.recipient_id = n.recipient_id) as is_move,
         n.created_version as position
  from given join notifications n on n.recipient_id = given.recipient_id and n.version > given.low
  where n.created_version > given.low and n.created_version <= given.high
  union all
  select ${columns}, 'update', false, least(n.version, given.high)
  from touched
  join given on given.recipient_id = touched.recipient_id
  join notifications n on n.id = touched.id and n.recipient_id = touched.recipient_id
  where n.created_version <= given.low
  union all
  select ${tombstoneColumns}, 'delete', exists (select from notifications where notifications.id = t.id), t.version
  from dead t
  where not exists (select from notifications n where n.id = t.id and n.recipient_id = t.recipient_id)
  order by recipient_id, position, id`;
