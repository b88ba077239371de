import { forbidden } from '../errors.ts';
import { parseUuid } from '../values.ts';
import { ownerScope } from './access.ts';
import type { WriteContext } from './context.ts';
import { notificationKey } from './input.ts';
import { type Notification, type NotificationId, notificationColumns } from './model.ts';
import { Moved, retryMoved } from './versions.ts';

/** What is left after marking one notification. */
export interface ReadStatusSet {
  readonly notification: Notification;
  /** The unread of the viewer's own inbox after the change, whosever the notification is. */
  readonly unread: number;
  /** All that lie in that inbox. */
  readonly total: number;
}

/** A notification that was marked, the version its inbox had before, and the counts of the caller's own. */
interface Marked extends Notification {
  readonly from: number;
  readonly caller_unread: number;
  readonly caller_total: number;
}

/**
 * Marks one notification read as of now, also when it was read before, or unread. `key` is the integer key or the uuid.
 * Idempotent but for the version, which every call takes.
 * @throws ServiceError FORBIDDEN when there is no such notification, or it is another's and the viewer no admin.
 */
export async function setReadStatus(
  { db, bus, viewer, now }: WriteContext,
  key: NotificationId | string,
  isRead: boolean,
): Promise<ReadStatusSet> {
  const owner = ownerScope(viewer);
  // The scope has refused the anonymous.
  const caller = viewer.kind === 'user' ? viewer.id : null;
  const uuid = parseUuid(key);
  const by = uuid === null ? 'id' : 'uuid';
  const given = uuid ?? notificationKey(key);
  const time = now().toISOString();

  const { from, caller_unread, caller_total, ...notification } = await retryMoved(async () => {
    const values = [given, owner, isRead, time, caller];
    const [marked] = await db.query<Marked>({ name: `set_read_status_by_${by}`, text: setText[by], values });
    if (marked) return marked;
    const known = await db.query({ name: `is_notification_by_${by}`, text: knownText[by], values: [given, owner] });
    // It was moved before the lock was got.
    throw known.length > 0 ? new Moved() : forbidden();
  });

  const { id, recipient_id: recipient, version: to } = notification;
  bus.publish([{ recipient, from, to, updated: [id] }]);
  return { notification, unread: caller_unread, total: caller_total };
}

const columns = notificationColumns.map((column) => `n.${column}`).join(', ');

const known = (condition: string) =>
  `select from notifications where ${condition} and ($2::uuid is null or recipient_id = $2)`;
const knownText = { id: known('id = $1::bigint'), uuid: known('uuid = $1::uuid') } as const;

// One statement is enough for one row: its lock gives it as it is by then, however old the snapshot. The inbox is locked
// before it, as all writers do; moved away meanwhile, it is not found. What is written comes from the locked rows alone:
// PostgreSQL checks constraints on what an update makes of the row in its snapshot before it sees that there is a newer.
const set = (condition: string) => `
  with old as materialized (
    select n.id, n.recipient_id, inbox.version, inbox.total,
           inbox.unread + case when n.status <> 'inbox' then 0
                               else (not $3::boolean)::int - (n.read_at is null)::int end as unread
    from notifications n join inboxes as inbox using (recipient_id)
    where n.${condition} and ($2::uuid is null or n.recipient_id = $2)
    for no key update of inbox, n
  ),
  touched as (
    update inboxes as inbox set version = old.version + 1, unread = old.unread
    from old where inbox.recipient_id = old.recipient_id
  ),
  changed as (
    update notifications n
    set read_at = case when $3 then $4::timestamptz end, version = old.version + 1
    from old where n.id = old.id
    returning ${columns}
  )
  select changed.*, old.version as "from",
         case when old.recipient_id = $5::uuid then old.unread else coalesce(own.unread, 0) end as caller_unread,
         case when old.recipient_id = $5 then old.total else coalesce(own.total, 0) end as caller_total
  from changed join old using (id) left join inboxes as own on own.recipient_id = $5`;
const setText = { id: set('id = $1::bigint'), uuid: set('uuid = $1::uuid') } as const;
