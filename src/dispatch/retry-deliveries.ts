import { isAdmin } from '../auth/viewer.ts';
import { checkBatch } from '../checks.ts';
import type { Queryable } from '../database/database.ts';
import { isTransientFault } from '../database/faults.ts';
import { failedValidation, forbiddenCollection } from '../errors.ts';
import { type DeliveryFilter, filterValues, uuidOf } from './delivery-filter.ts';
import { expiredReason } from './delivery-status.ts';
import type { EnqueueContext } from './enqueue.ts';
import { deliveriesCollection } from './input.ts';

/** Which deliveries to retry: exactly one of the two must be given. */
export interface RetriedDeliveries {
  readonly ids?: readonly string[] | null | undefined;
  readonly filter?: DeliveryFilter | null | undefined;
}

const mostTries = 3;

/**
 * Queues deliveries again that failed for good or expired. They keep their ids; their attempts and age count from now.
 * Unknown deliveries, those in any other status, and those that a preference inhibited are skipped.
 * @returns the ids of the queued deliveries, oldest first, at most as many as one write may change
 * @throws ServiceError FORBIDDEN unless the viewer is an admin; FAILED_VALIDATION of `ids` or of a field of the filter;
 * INVALID_PAYLOAD for more ids than one write may have.
 */
export async function retryDeliveries(
  { db, viewer, limits, dispatch }: Pick<EnqueueContext, 'db' | 'viewer' | 'limits' | 'dispatch'>,
  { ids, filter }: RetriedDeliveries,
): Promise<string[]> {
  if (!isAdmin(viewer)) throw forbiddenCollection(deliveriesCollection, 'update');
  const hasIds = ids !== null && ids !== undefined;
  const hasFilter = filter !== null && filter !== undefined;
  if (hasIds === hasFilter) {
    throw failedValidation('ids', hasIds ? 'xor' : 'required', 'give either "ids" or "filter"');
  }
  if (hasIds) checkBatch(ids.length, limits.batchMax, 'ids');
  const queued = await queueAgain(db, [
    hasIds ? ids.map((id) => uuidOf('ids', id)) : null,
    ...filterValues(filter ?? {}),
    limits.batchMax,
  ]);
  if (queued.length > 0) dispatch.wake();
  return queued.map(({ id }) => id);
}

async function queueAgain(db: Queryable, values: readonly unknown[]): Promise<{ readonly id: string }[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.query<{ readonly id: string }>({ name: 'retry_deliveries', text: retryText, values });
    } catch (error) {
      if (tries === mostTries || !isTransientFault(error)) throw error;
    }
  }
}

const givenUpSql = `(status = 'permanent_failure' or (status = 'inhibited' and status_reason = '${expiredReason}'))`;

// Leases are locked before deliveries, as in every other statement. A lease may still name a delivery that already has a
// result; the delivery is removed from it, since the end of the lease would queue it a second time. A call that waited for
// the locks of another one rechecks the status and finds nothing to retry.
const retryText = `
  with candidates as materialized (
    select id from deliveries
    where ($1::uuid[] is null or id = any ($1)) and ${givenUpSql}
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
    where id = any (array(select id from candidates)) and (select count(*) from held) >= 0 and ${givenUpSql}
    order by id for update
  ),
  again as (
    update deliveries
    set status = 'pending', status_reason = null, attempt_count = 0, next_retry_after = now(), retried_at = now(),
        updated_at = now()
    where id = any (array(select id from chosen)) and ${givenUpSql}
    returning id, method
  ),
  left_leases as (
    update delivery_leases
    set delivery_ids = array(select unnest(delivery_ids) except select id from again)
    where id in (select id from held)
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method, due_at) select id, method, now() from again
    on conflict (delivery_id) do nothing
  )
  select id from again order by id`;
