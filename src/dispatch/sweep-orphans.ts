import { setTimeout as delay } from 'node:timers/promises';
import type { ServicePrisma } from '../database/prisma.ts';
import { lowestId } from './payload.ts';
import type { DispatchMethods } from './sql/methods.ts';
import type { SweptStep } from './sql/sweep-orphan-step.ts';

type SweepPrisma = Pick<ServicePrisma<DispatchMethods>, '$statements'>;

const stepRows = 10_000;
/** Pause between two steps, as a multiple of the duration of the last one. */
const pauseFactor = 2;

/** The result of a sweep. */
export interface Swept {
  /** Number of deliveries that were in neither the queue nor a lease, and are queued now. */
  readonly orphans: number;
  /** All deliveries with lower ids had a final status. */
  readonly settledBefore: string;
}

/**
 * Queues unsettled deliveries that are in neither the queue nor a lease. Goes through the primary key in steps.
 * @param from the id to begin at; default: the first
 * @returns undefined if the signal aborted it or another node is sweeping
 */
export async function sweepOrphans(
  prisma: SweepPrisma,
  { from = lowestId, signal }: { readonly from?: string | undefined; readonly signal: AbortSignal },
): Promise<Swept | undefined> {
  let orphans = 0;
  let settledBefore: string | undefined;
  for (let after = from; ; ) {
    const begin = performance.now();
    const step = await runStep(prisma, after);
    if (step === undefined) return undefined;
    orphans += step.orphans;
    settledBefore ??= step.first_unsettled ?? undefined;
    if (step.last === null) return { orphans, settledBefore: settledBefore ?? after };
    after = step.last;
    const pauseMs = Math.max(10, pauseFactor * (performance.now() - begin));
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return undefined;
  }
}

/**
 * A delivery moves between queue, lease and final status within one transaction, so a snapshot shows it in exactly
 * one of them. The lock is taken by a statement of its own, before the snapshot of the next one: with an older
 * snapshot, a delivery that another sweep has queued and a node has leased since could be queued a second time.
 */
function runStep(prisma: SweepPrisma, after: string): Promise<SweptStep | undefined> {
  return prisma.$statements(async ({ delivery }) => {
    const [lock] = await delivery.takeSweepLock();
    if (!lock?.has_lock) return undefined;
    const [step] = await delivery.sweepOrphanStep(after, stepRows);
    return step;
  });
}
