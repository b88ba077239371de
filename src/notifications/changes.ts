import type { Viewer } from '../auth/viewer.ts';
import type { Queryable } from '../database/database.ts';
import type { VersionRange } from '../live/bus.ts';
import { type Notification, type NotificationId, notificationColumns } from './model.ts';

/**
 * What a write did to one notification in one inbox. A move does two things: the one inbox loses it, the other
 * gains it; only who sees both inboxes sees it as an update.
 */
export type Change =
  | { readonly kind: 'create'; readonly notification: Notification; readonly isMove: boolean }
  | { readonly kind: 'update'; readonly notification: Notification }
  | {
      readonly kind: 'delete';
      readonly id: NotificationId;
      readonly recipient_id: string;
      /** It lies in another inbox now. */
      readonly isMove: boolean;
    };

/** A change as one viewer is told of it. */
export type VisibleChange =
  | { readonly kind: 'create' | 'update'; readonly notification: Notification }
  | { readonly kind: 'delete'; readonly id: NotificationId };

type Row = Notification & { readonly kind: Change['kind']; readonly is_move: boolean; readonly place: number };

/**
 * What happened within the versions that one write took, ordered by version within each inbox. It reads how things
 * are now: a row that a later write changed too comes with its newest state if this write made it, and not at
 * all otherwise, for then the later write tells of it. Meant to be asked right after the write.
 */
export async function changesIn(db: Queryable, ranges: readonly VersionRange[]): Promise<Change[]> {
  if (ranges.length === 0) return [];
  const rows = await db.query<Row>({
    name: 'changes_in',
    text: changesText,
    values: [ranges.map(({ recipient }) => recipient), ranges.map(({ from }) => from), ranges.map(({ to }) => to)],
  });
  return rows.map(({ kind, is_move, place: _, ...notification }): Change => {
    if (kind === 'create') return { kind, notification, isMove: is_move };
    if (kind === 'update') return { kind, notification };
    return { kind, id: notification.id, recipient_id: notification.recipient_id, isMove: is_move };
  });
}

/** The change as this viewer may know it, or null when it is none of theirs. */
export function changeFor(viewer: Viewer, change: Change): VisibleChange | null {
  if (viewer.kind === 'anonymous') return null;
  if (viewer.role === 'admin') {
    // Who sees every inbox is told of a move once, where the notification arrives.
    if (change.kind === 'delete') return change.isMove ? null : { kind: 'delete', id: change.id };
    const kind = change.kind === 'create' && change.isMove ? 'update' : change.kind;
    return { kind, notification: change.notification };
  }
  if (change.kind === 'delete') return change.recipient_id === viewer.id ? { kind: 'delete', id: change.id } : null;
  const { kind, notification } = change;
  return notification.recipient_id === viewer.id ? { kind, notification } : null;
}

const columns = notificationColumns.map((column) => `n.${column}`).join(', ');
// A tombstone has nothing of the row but its keys.
const tombstoneColumns = notificationColumns
  .map((column) => {
    if (column === 'id' || column === 'uuid' || column === 'recipient_id' || column === 'version') return `t.${column}`;
    return `null as ${column}`;
  })
  .join(', ');

const changesText = `
  with given as (select * from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as given (recipient_id, low, high)),
  dead as (
    select t.* from given join notification_tombstones t
      on t.recipient_id = given.recipient_id and t.version > given.low and t.version <= given.high
  )
  select ${columns},
         case when n.created_version > given.low and n.created_version <= given.high then 'create' else 'update' end
           as kind,
         exists (select from dead where dead.id = n.id and dead.recipient_id <> n.recipient_id) as is_move,
         least(n.version, case when n.created_version > given.low then n.created_version end) as place
  from given join notifications n on n.recipient_id = given.recipient_id and n.version > given.low
  where n.version <= given.high or (n.created_version > given.low and n.created_version <= given.high)
  union all
  select ${tombstoneColumns}, 'delete', exists (select from notifications where notifications.id = t.id), t.version
  from dead t
  order by recipient_id, place`;
