import { statement } from '../../database/statement.ts';

/** Maximum number of due notifications that are looked at to find inboxes. */
const rowsMax = 10_000;

/** Finds inboxes with notifications whose snooze ends or that expire, without locking them. */
export const dueInboxes = statement<{ readonly recipient_id: string }>()({
  name: 'due_inboxes',
  text: `
    select distinct recipient_id from (
      (
        select recipient_id from notifications
        where status = 'archived' and snoozed_until is not null and snoozed_until <= $1::timestamptz
        order by snoozed_until limit ${rowsMax}
      )
      union all
      (
        select recipient_id from notifications
        where expires_at is not null and expires_at <= $1
        order by expires_at limit ${rowsMax}
      )
    ) as due
    order by recipient_id limit $2::bigint`,
  values: (now: Date, most: number) => [now.toISOString(), most],
});
