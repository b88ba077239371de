import { statement } from '../../database/statement.ts';

/** The result of comparing a sample of inboxes. */
export interface DriftSample {
  readonly sampled: number;
  /** Sum of the absolute differences between the counters `unread` and `total` and the counted rows. */
  readonly drift: number;
  /** The last recipient compared; null if there was none. */
  readonly last: string | null;
}

/**
 * Compares the counters of the next inboxes after a recipient with the counted rows. The invariant: they are equal. One
 * statement, so counters and rows come from the same snapshot. Very large inboxes are left out, because counting them
 * takes long.
 */
export const sampleDrift = statement<DriftSample>()({
  name: 'sample_drift',
  text: `
  with sample as materialized (
    select recipient_id, unread, total from inboxes
    where recipient_id > $1::uuid and total <= $3::int
    order by recipient_id limit $2::int
  ),
  counted as (
    select sample.recipient_id, abs(sample.unread - counts.unread) + abs(sample.total - counts.total) as drift
    from sample cross join lateral (
      select count(*) filter (where read_at is null) as unread, count(*) as total
      from notifications where notifications.recipient_id = sample.recipient_id and status = 'inbox'
    ) as counts
  )
  select count(*)::int as sampled, coalesce(sum(drift), 0)::int as drift, max(recipient_id::text)::uuid as last
  from counted`,
  values: (after: string, inboxes: number, largest: number) => [after, inboxes, largest],
});
