import type { DispatchMethods } from './sql/methods.ts';
import type { Settled, StatusUpdate } from './sql/settle-deliveries.ts';

/** The part of Prisma that `settle` uses. */
export interface SettlePrisma {
  readonly delivery: Pick<DispatchMethods['delivery'], 'settle'>;
}

/**
 * Stores new statuses and ends leases. Updates of leases that have expired are ignored. Statuses are committed
 * asynchronously, so a crash of the database, or a failover, can lose the last of them. Therefore, ending a lease
 * checks all its deliveries in the database and returns those without a final status to the queue.
 * @param endedLeases ids of the leases that have no further updates after these
 */
export async function settle(
  { delivery }: SettlePrisma,
  updates: readonly StatusUpdate[],
  endedLeases: readonly string[] = [],
): Promise<Settled> {
  const [settled] = await delivery.settle(updates, endedLeases);
  return settled ?? { stored: 0, forgotten: 0 };
}
