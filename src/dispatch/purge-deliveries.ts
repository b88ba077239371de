import { lowestId } from './payload.ts';
import type { DispatchMethods } from './sql/methods.ts';
import type { PurgedStep } from './sql/purge-fragments.ts';

const batchSize = 5000;

/**
 * Deletes deliveries that have had a final status for `retentionDays`, and shared payloads of the same age that no
 * delivery references. Deliveries without a final status are kept, whatever their age.
 * @returns the number of deleted deliveries; 0 if another node is purging
 */
export async function purgeDeliveries(
  { delivery, payload }: Pick<DispatchMethods, 'delivery' | 'payload'>,
  retentionDays: number,
  isStopping: () => boolean = () => false,
): Promise<number> {
  const purge = async (step: (after: string) => Promise<PurgedStep[]>) => {
    let purged = 0;
    for (let after = lowestId; ; ) {
      const [deleted] = await step(after);
      purged += deleted?.count ?? 0;
      const last = deleted?.last ?? null;
      if (last === null || isStopping()) return purged;
      after = last;
    }
  };
  const purged = await purge((after) => delivery.purgeStep(retentionDays, batchSize, after));
  if (!isStopping()) await purge((after) => payload.purgeStep(retentionDays, batchSize, after));
  return purged;
}
