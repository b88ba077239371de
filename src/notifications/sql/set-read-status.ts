import { statement } from '../../database/statement.ts';
import type { Notification } from '../model.ts';
import { columnsOfN } from './fragments.ts';

/** A marked notification, the previous version of its inbox, and the counts of the caller's own inbox. */
export interface Marked extends Notification {
  readonly from: number;
  readonly caller_unread: number;
  readonly caller_total: number;
}

/** Returned instead of a marked notification that was moved or deleted before the lock was acquired. */
export interface LostRace {
  readonly id: null;
}

/**
 * What to mark. `key` is the integer key or the UUID; `owner` is the recipient, or null for any recipient; `caller` is
 * the user whose counts are returned.
 */
export interface ReadStatusChange {
  readonly key: number | string;
  readonly owner: string | null;
  readonly isRead: boolean;
  readonly now: Date;
  readonly caller: string | null;
}

// A single statement is enough for one row: its lock returns the current row, however old the snapshot is. The inbox is
// locked first, as in all writes; a row that was moved meanwhile is not found. The statement writes only values read
// from locked rows: PostgreSQL would check constraints on an update of the old row in its snapshot before it notices
// the newer one. EXISTS is evaluated only if nothing was marked. It reads the snapshot, so it distinguishes a lost race
// from a missing row.
const setText = (condition: string) => `
  with old as materialized (
    select n.id, n.recipient_id, inbox.version, inbox.total,
           inbox.unread + case when n.status <> 'inbox' then 0
                               else (not $3::boolean)::int - (n.read_at is null)::int end as unread
    from notifications n join inboxes as inbox using (recipient_id)
    where ${condition}
    for no key update of inbox, n
  ),
  touched as (
    update inboxes as inbox set version = old.version + 1, unread = old.unread
    from old where inbox.recipient_id = old.recipient_id
  ),
  changed as (
    update notifications n
    set read_at = case when $3 then $4::timestamptz end,
        shown_version = case when $3 or n.read_at is not null then 0 else n.shown_version end,
        version = old.version + 1
    from old where n.id = old.id
    returning ${columnsOfN}
  )
  select changed.*, old.version as "from",
         case when old.recipient_id = $5::uuid then old.unread else coalesce(own.unread, 0) end as caller_unread,
         case when old.recipient_id = $5 then old.total else coalesce(own.total, 0) end as caller_total
  from (select) as one left join changed on true left join old using (id) left join inboxes as own on own.recipient_id = $5
  where changed.id is not null or exists (select from notifications n where ${condition})`;

const conditions = { id: 'n.id = $1::bigint', uuid: 'n.uuid = $1::uuid' } as const;

/**
 * Marks one notification as read or unread, by its integer key or its UUID; returns no row if there is none for the
 * owner. The invariant: lock, counts and version in one statement. Measured by bench `graphql-mark-read`.
 */
export const setReadStatus = (by: keyof typeof conditions) =>
  statement<Marked | LostRace>()({
    name: `set_read_status_by_${by}`,
    text: setText(`${conditions[by]} and ($2::uuid is null or n.recipient_id = $2)`),
    values: ({ key, owner, isRead, now, caller }: ReadStatusChange) => [key, owner, isRead, now.toISOString(), caller],
  });
