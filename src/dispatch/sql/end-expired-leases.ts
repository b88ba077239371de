import { statement } from '../../database/statement.ts';
import type { MethodName } from '../method-names.ts';
import { unsettledSql } from './fragments.ts';

/** The result of ending expired leases. */
export interface ExpiredLeases {
  readonly ended: number;
  /** Ids of deliveries that failed for good, because every node that leased them ended without a result. */
  readonly abandoned: readonly string[] | null;
  /** Whether deliveries are due that are suspected of crashing a node. */
  readonly any_crash_suspect: boolean;
}

// A lease that is locked is skipped: another statement is storing its results. If a delivery is settled concurrently,
// this may still queue it; the next lease ignores it, because it is settled. A delivery that is suspected of
// crashing a node is leased alone, so its last lost lease contained no other delivery.
/**
 * Ends expired leases and queues their unsettled deliveries. The invariant: a delivery returns to the queue in the
 * statement that ends its lease, so that it is always in either the queue or a lease.
 */
export const endExpiredLeases = statement<ExpiredLeases>()({
  name: 'end_expired_leases',
  text: `
  with expired as (
    delete from delivery_leases
    where id in (select id from delivery_leases where leased_until <= now() for update skip locked)
    returning method, delivery_ids, lost_leases
  ),
  unsettled as materialized (
    select delivery.*, expired.method, coalesce((expired.lost_leases ->> leased.id::text)::int, 0) + 1 as lost_leases
    from expired
    cross join unnest(expired.delivery_ids) as leased (id)
    cross join lateral (
      select id, status, coalesce(next_retry_after, created_at) as due_at from deliveries
      where id = leased.id and status in ${unsettledSql} limit 1
    ) as delivery
  ),
  abandoned as (
    update deliveries
    set status = 'permanent_failure',
        status_reason = 'the notifier ended without a result each of the last ' || $1::int || ' times it sent this',
        next_retry_after = null,
        updated_at = now()
    where id = any (array(select id from unsettled where lost_leases >= $1)) and status in ${unsettledSql}
    returning id
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method, status, due_at, lost_leases)
    select id, method, status, due_at, lost_leases from unsettled where lost_leases < $1
    on conflict (delivery_id) do nothing
  )
  select (select count(*) from expired) as ended,
         (select array_agg(id) from abandoned) as abandoned,
         exists (select from unsettled where lost_leases > 1 and lost_leases < $1)
           or exists (
             select from queued_deliveries
             where lost_leases > 1 and method = any ($2::text[]) and due_at <= now() + interval '1 millisecond'
           ) as any_crash_suspect`,
  values: (maxLostLeases: number, methods: readonly MethodName[]) => [maxLostLeases, methods],
});
