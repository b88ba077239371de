import { statement } from '../../database/statement.ts';
import type { CheckedChange } from '../input.ts';
import type { Notification, NotificationId } from '../model.ts';
import { columnsOfN, stampSteps, uuids } from './fragments.ts';

/** A row after the update, with the inbox it left if it was moved. */
export type ChangedRow = Notification & { readonly left_id: string | null };

/** Which notification to update, and the position of its change in the list of changes. */
export interface ChangeTarget {
  readonly id: NotificationId;
  readonly index: number;
}

/**
 * Updates the targets that are in locked inboxes. The invariant: versions and counts are computed and stored by the
 * statement that updates the rows. A notification whose status changes is seen; one that enters the inbox is no longer
 * snoozed. For a new recipient it is neither saved nor snoozed. Measured by bench `graphql-update-one`.
 */
export const changeNotifications = statement<ChangedRow>()({
  name: 'change_notifications',
  // Targets are passed as JSON, so that the planner does not use their number for its estimate; see `bigints` and
  // `uuids`.
  text: `
  with input as (
    select target.id, $2::jsonb -> target.index as patch
    from jsonb_to_recordset($1::jsonb) as target (id bigint, index int)
  ),
  old as materialized (
    select n.id, n.uuid, n.recipient_id, n.status, n.read_at, input.patch,
           coalesce((input.patch ->> 'recipient')::uuid, n.recipient_id) as new_recipient_id,
           coalesce(input.patch ->> 'status', n.status) as new_status
    from notifications n join input using (id)
    where n.recipient_id = any (${uuids('$3')})
  ),
  counted_rows as (
    select *,
           (status = 'inbox' and read_at is null)::int as unread, (status = 'inbox')::int as total,
           (new_status = 'inbox' and read_at is null)::int as new_unread, (new_status = 'inbox')::int as new_total
    from old
  ),
  steps as (
    select recipient_id, id,
           case when new_recipient_id = recipient_id then new_unread - unread else -unread end as unread,
           case when new_recipient_id = recipient_id then new_total - total else -total end as total
    from counted_rows
    union all
    select new_recipient_id, id, new_unread, new_total from counted_rows where new_recipient_id <> recipient_id
  ),
  ${stampSteps},
  tombstones as (
    insert into notification_tombstones (recipient_id, version, id, uuid, deleted_at)
    select recipient_id, stamped.version, id, uuid, $4::timestamptz
    from old join stamped using (recipient_id, id)
    where old.new_recipient_id <> recipient_id
  ),
  changed as (
    update notifications n
    set recipient_id = old.new_recipient_id,
        status = old.new_status,
        timestamp = case when patch ? 'timestamp' then (patch ->> 'timestamp')::timestamptz else n.timestamp end,
        sender_id = case when patch ? 'sender' then (patch ->> 'sender')::uuid else n.sender_id end,
        subject = coalesce(patch ->> 'subject', n.subject),
        subject_written = n.subject_written or (patch ? 'subject' and n.template_id is not null),
        message = case when patch ? 'message' then patch ->> 'message' else n.message end,
        collection = case when patch ? 'collection' then patch ->> 'collection' else n.collection end,
        item = case when patch ? 'item' then patch ->> 'item' else n.item end,
        saved_at = case when old.new_recipient_id = old.recipient_id then n.saved_at end,
        snoozed_until = case when old.new_recipient_id = old.recipient_id and old.new_status <> 'inbox'
                             then n.snoozed_until end,
        archived_at = case when old.new_status = 'inbox' then null
                           when old.status = 'inbox' then $4::timestamptz
                           else n.archived_at end,
        shown_version = case when old.new_recipient_id <> old.recipient_id
                                  and old.new_status = 'inbox' and n.read_at is null then null
                             when old.new_recipient_id <> old.recipient_id or old.new_status <> old.status then 0
                             else n.shown_version end,
        state_version = case when old.new_recipient_id <> old.recipient_id then null
                             when old.new_status <> old.status then stamped.version
                             else n.state_version end,
        created_version = case when old.new_recipient_id = old.recipient_id then n.created_version
                               else stamped.version end,
        version = stamped.version
    from old join stamped on stamped.id = old.id and stamped.recipient_id = old.new_recipient_id
    where n.id = old.id
    returning ${columnsOfN}, nullif(old.recipient_id, n.recipient_id) as left_id
  )
  select * from changed order by id`,
  values: (
    targets: readonly ChangeTarget[],
    changes: readonly CheckedChange[],
    locked: readonly string[],
    now: Date,
  ) => [JSON.stringify(targets), JSON.stringify(changes), locked, now.toISOString()],
});
