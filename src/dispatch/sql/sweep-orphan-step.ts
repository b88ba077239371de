import { statement } from '../../database/statement.ts';
import { unsettledSql } from './fragments.ts';

/** The result of one step of a sweep. */
export interface SweptStep {
  /** Number of orphans that were queued. */
  readonly orphans: number;
  /** Id to continue from; null after the last row. */
  readonly last: string | null;
  /** The lowest id of a delivery without a final status; null if the step has none. */
  readonly first_unsettled: string | null;
}

/**
 * Queues orphans: one step through the primary key of the deliveries. The invariant: a delivery is in exactly one of
 * queue, lease and final status. Only a statement that reads all three in one snapshot can find a delivery that is
 * in none of them.
 */
export const sweepOrphanStep = statement<SweptStep>()({
  name: 'sweep_orphans',
  text: `
  with step as materialized (
    select id, method, status, next_retry_after, created_at from deliveries where id >= $1::uuid order by id limit $2::int + 1
  ),
  unsettled as materialized (
    select * from (select * from step order by id limit $2) as step where status in ${unsettledSql}
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method, status, due_at)
    select id, method, status, coalesce(next_retry_after, created_at)
    from unsettled
    cross join lateral (
      select exists (select from queued_deliveries where delivery_id = unsettled.id) as is_queued offset 0
    ) as queue
    where not is_queued and id not in (select unnest(delivery_ids) from delivery_leases)
    on conflict (delivery_id) do nothing
    returning 1
  )
  select (select count(*) from queued) as orphans,
         (select id from step order by id offset $2 limit 1) as last,
         (select id from unsettled order by id limit 1) as first_unsettled`,
  values: (from: string, count: number) => [from, count],
});
