import { statement } from '../../database/statement.ts';
import { stampSteps, stepIds } from './fragments.ts';
import type { Touched } from './rows.ts';

/**
 * Returns notifications whose snooze has ended to their locked inboxes: unread, unseen and, by their timestamp, on top.
 * The invariant is that of `changeNotifications`; each row is read again under the lock, so it returns once.
 */
export const endSnoozes = statement<Touched>()({
  name: 'end_snoozes',
  text: `
  with steps as materialized (
    select recipient_id, id, 1 as unread, 1 as total from notifications
    where recipient_id = any ($1::uuid[]) and status = 'archived' and snoozed_until <= $2::timestamptz
    order by snoozed_until limit $3::bigint
  ),
  ${stampSteps},
  changed as (
    update notifications n
    set status = 'inbox', read_at = null, archived_at = null, snoozed_until = null,
        original_timestamp = coalesce(n.original_timestamp, n.timestamp), timestamp = n.snoozed_until,
        shown_version = stamped.version, state_version = stamped.version, version = stamped.version
    from stamped where n.id = stamped.id
  )
  select recipient_id, base, version, ${stepIds} as updated from touched`,
  values: (recipients: readonly string[], now: Date, most: number) => [recipients, now.toISOString(), most],
});
