import { may } from '../auth/rights.ts';
import { checkBatch } from '../checks.ts';
import { isTransientFault, retry } from '../database/faults.ts';
import { failedValidation, forbiddenCollection } from '../errors.ts';
import { type DeliveryFilter, filterValues, uuidOf } from './delivery-filter.ts';
import type { EnqueueContext } from './enqueue.ts';
import { deliveriesCollection } from './input.ts';

/** Which deliveries to retry: exactly one of the two must be given. */
export interface RetriedDeliveries {
  readonly ids?: readonly string[] | null | undefined;
  readonly filter?: DeliveryFilter | null | undefined;
}

const attempts = 3;

/**
 * Returns deliveries that failed for good or expired to the queue. They keep their ids; their attempts and age count
 * from now. Unknown deliveries, those in any other status, and those that a preference inhibited are skipped.
 * @returns the ids of the queued deliveries, oldest first, at most as many as one write may change
 * @throws ServiceError FORBIDDEN unless the viewer may retry deliveries; FAILED_VALIDATION of `ids` or of a field of
 * the filter; INVALID_PAYLOAD for more ids than one write may have.
 */
export async function retryDeliveries(
  context: Pick<EnqueueContext, 'prisma' | 'viewer' | 'limits' | 'dispatch'>,
  { ids, filter }: RetriedDeliveries,
): Promise<string[]> {
  const { prisma, viewer, limits, dispatch } = context;
  if (!may(viewer, 'deliveries.retry')) throw forbiddenCollection(deliveriesCollection, 'update');
  const hasIds = ids !== null && ids !== undefined;
  const hasFilter = filter !== null && filter !== undefined;
  if (hasIds === hasFilter) {
    throw failedValidation('ids', hasIds ? 'xor' : 'required', 'give either "ids" or "filter"');
  }
  if (hasIds) checkBatch(ids.length, limits.batchMax, 'ids');
  const uuids = hasIds ? ids.map((id) => uuidOf('ids', id)) : null;
  const values = await filterValues(prisma, filter ?? {});
  const queued = await retry(() => prisma.delivery.queueAgain(uuids, values, limits.batchMax), {
    attempts,
    mayRetry: isTransientFault,
  });
  if (queued.length > 0) dispatch.wake();
  return queued.map(({ id }) => id);
}
