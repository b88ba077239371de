import type { Context } from '../context.ts';
import { forbidden, invalidCredentials } from '../errors.ts';
import type { VersionRange } from '../live/bus.ts';
import { parseUuid } from '../values.ts';
import { ownerScope } from './access.ts';
import { notificationKey } from './input.ts';
import { type Notification, type NotificationId, notificationColumns } from './model.ts';
import { Moved, rangesOf, retryMoved, stampSteps, stepIds, type Touched } from './versions.ts';

/** What is left after marking one notification. */
export interface ReadStatusSet {
  readonly notification: Notification;
  /** The unread of the viewer's own inbox after the change, whosever the notification is. */
  readonly unread: number;
  /** All that lie in that inbox. */
  readonly total: number;
}

/** What marking all read did, and the inbox after it. */
export interface AllMarkedRead {
  readonly changed: number;
  readonly unread: number;
  readonly version: number;
}

/**
 * Marks one notification read as of now, also when it was read before, or unread. `key` is the integer key or the uuid.
 * Idempotent but for the version, which every call takes.
 * @throws ServiceError FORBIDDEN when there is no such notification, or it is another's and the viewer no admin.
 */
export async function setReadStatus(
  { db, bus, viewer, now }: Context,
  key: NotificationId | string,
  isRead: boolean,
): Promise<ReadStatusSet> {
  const owner = ownerScope(viewer);
  // The scope has refused the anonymous.
  const caller = viewer.kind === 'user' ? viewer.id : null;
  const uuid = parseUuid(key);
  const id = uuid === null ? notificationKey(key) : null;
  const time = now().toISOString();

  const set = await retryMoved(() =>
    db.transaction(async (transaction) => {
      const [locked] = await transaction.query<{ id: number; recipient_id: string; version: number }>(
        uuid === null
          ? { name: 'lock_inbox_of_id', text: lockText('id = $1::bigint'), values: [id, owner] }
          : { name: 'lock_inbox_of_uuid', text: lockText('uuid = $1::uuid'), values: [uuid, owner] },
      );
      if (locked === undefined) throw forbidden();
      const [changed] = await transaction.query<Notification & { caller_unread: number; caller_total: number }>({
        name: 'set_read_status',
        text: setText,
        values: [locked.id, locked.recipient_id, isRead, time, caller],
      });
      // It was moved or deleted before the lock was got: looking again tells which.
      if (changed === undefined) throw new Moved();
      const { caller_unread: unread, caller_total: total, ...notification } = changed;
      const { recipient_id: recipient, version: to } = notification;
      const range = { recipient, from: locked.version, to, updated: [notification.id] };
      return { notification, unread, total, ranges: [range] satisfies VersionRange[] };
    }),
  );

  bus.publish(set.ranges);
  const { ranges: _, ...left } = set;
  return left;
}

/**
 * Marks everything that lies in the viewer's own inbox read; what is archived stays as it is. Idempotent: without
 * anything unread it takes no version.
 * @throws ServiceError INVALID_CREDENTIALS for the anonymous, who have no inbox.
 */
export async function markAllRead({ db, bus, viewer, now }: Context): Promise<AllMarkedRead> {
  if (viewer.kind === 'anonymous') throw invalidCredentials();
  const time = now().toISOString();

  const { ranges, ...marked } = await db.transaction(async (transaction) => {
    const [inbox] = await transaction.query<{ version: number; unread: number }>({
      name: 'lock_inbox',
      text: 'select version, unread from inboxes where recipient_id = $1::uuid for no key update',
      values: [viewer.id],
    });
    if (inbox === undefined || inbox.unread === 0) {
      return { changed: 0, unread: 0, version: inbox?.version ?? 0, ranges: [] };
    }
    const touched = await transaction.query<Touched & { unread: number }>({
      name: 'mark_all_read',
      text: markAllText,
      values: [viewer.id, time],
    });
    const { base, version, unread } = touched[0] ?? { ...inbox, base: inbox.version };
    return { changed: version - base, unread, version, ranges: rangesOf(touched) };
  });

  bus.publish(ranges);
  return marked;
}

const columns = notificationColumns.map((column) => `n.${column}`).join(', ');

const lockText = (condition: string) => `
  select n.id, n.recipient_id, inbox.version
  from notifications n join inboxes as inbox using (recipient_id)
  where n.${condition} and ($2::uuid is null or n.recipient_id = $2)
  for no key update of inbox`;

const setText = `
  with old as materialized (
    select id, recipient_id, status, read_at from notifications where id = $1::bigint and recipient_id = $2::uuid
  ),
  steps as (
    select recipient_id, id,
           case when status <> 'inbox' then 0 else (not $3::boolean)::int - (read_at is null)::int end as unread,
           0 as total
    from old
  ),
  ${stampSteps},
  changed as (
    update notifications n
    set read_at = case when $3 then $4::timestamptz end, version = stamped.version
    from stamped where n.id = stamped.id
    returning ${columns}
  )
  select changed.*,
         case when touched.recipient_id = $5::uuid then touched.unread else coalesce(own.unread, 0) end as caller_unread,
         case when touched.recipient_id = $5 then touched.total else coalesce(own.total, 0) end as caller_total
  from changed join touched using (recipient_id) left join inboxes as own on own.recipient_id = $5`;

const markAllText = `
  with steps as materialized (
    select recipient_id, id, -1 as unread, 0 as total from notifications
    where recipient_id = $1::uuid and status = 'inbox' and read_at is null
  ),
  ${stampSteps},
  changed as (
    update notifications n set read_at = $2::timestamptz, version = stamped.version
    from stamped where n.id = stamped.id
  )
  select recipient_id, base, version, unread, ${stepIds} as updated from touched`;
