import { statement } from '../../database/statement.ts';
import { expiredReason } from '../delivery-status.ts';

const isRetryableSql = `(status = 'permanent_failure' or (status = 'inhibited' and status_reason = '${expiredReason}'))`;

// Leases are locked before deliveries, as in every other statement. A lease may still name a delivery that already has
// a result; the delivery is removed from it, because the end of the lease would queue it a second time. A call that
// waited for the locks of another call rechecks the status and finds nothing to retry.
/**
 * Queues failed and expired deliveries again. The invariant: the statement that makes a delivery unsettled also queues
 * it and removes it from its lease.
 */
export const queueAgain = statement<{ readonly id: string }>()({
  name: 'retry_deliveries',
  text: `
  with candidates as materialized (
    select id from deliveries
    where ($1::uuid[] is null or id = any ($1)) and ${isRetryableSql}
      and ($2::text[] is null or status = any ($2)) and ($3::text[] is null or method = any ($3))
      and ($4::uuid is null or user_id = $4) and ($5::uuid is null or template_id = $5)
    order by id limit $6
  ),
  held as materialized (
    select id from delivery_leases
    where id in (
      select lease.id from delivery_leases as lease
      cross join unnest(lease.delivery_ids) as leased (id)
      join candidates on candidates.id = leased.id
    )
    order by id for update
  ),
  chosen as materialized (
    select id from deliveries
    where id = any (array(select id from candidates)) and (select count(*) from held) >= 0 and ${isRetryableSql}
    order by id for update
  ),
  requeued as (
    update deliveries
    set status = 'pending', status_reason = null, attempt_count = 0, next_retry_after = now(), retried_at = now(),
        updated_at = now()
    where id = any (array(select id from chosen)) and ${isRetryableSql}
    returning id, method
  ),
  updated_leases as (
    update delivery_leases
    set delivery_ids = array(select unnest(delivery_ids) except select id from requeued)
    where id in (select id from held)
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method, due_at) select id, method, now() from requeued
    on conflict (delivery_id) do nothing
  )
  select id from requeued order by id`,
  values: (ids: readonly (string | null)[] | null, filter: readonly unknown[], most: number) => [ids, ...filter, most],
});
