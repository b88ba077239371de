import type { Logger } from 'pino';
import { type PromiseWithResolvers, promiseWithResolvers } from '../promises.ts';
import type { Lease } from './lease.ts';
import type { Worker } from './worker.ts';

/** Leases deliveries of one method for its worker. */
export interface LeaseLoop {
  /** To be called when a delivery may be due. */
  wake(): void;
  /** To be called when the worker's capacity has grown. */
  capacityChanged(): void;
  /**
   * Stops leasing until `resume`; resolves when no lease statement is running. Deliveries that are already leased are
   * still sent.
   */
  pause(): Promise<void>;
  resume(): void;
  /** Stops leasing for good. Deliveries that are already leased are still sent. */
  stop(): Promise<void>;
}

/** How long to wait for sufficient capacity. */
const gatherMs = 5;
/** How long to wait after a failed lease statement. */
const retryMs = 1000;

/** Starts a loop that leases deliveries whenever the worker has capacity and deliveries may be due. */
export function startLeaseLoop({
  worker,
  lease,
  leaseCount,
  log,
}: {
  readonly worker: Worker;
  /** Maximum number of deliveries in one lease. */
  readonly leaseCount: number;
  /** Leases up to `count` deliveries. */
  readonly lease: (count: number) => Promise<Lease>;
  readonly log: Logger;
}): LeaseLoop {
  let mayBeDue = true;
  let isStopping = false;
  let isPaused = false;
  let leasing: Promise<void> | undefined;
  let change: PromiseWithResolvers<void> | undefined;
  const onChange = () => {
    change?.resolve();
    change = undefined;
  };
  const nextChange = () => {
    change ??= promiseWithResolvers<void>();
    return change.promise;
  };
  const wake = () => {
    mayBeDue = true;
    onChange();
  };

  const gatherCapacity = async () => {
    if (worker.capacity() >= worker.sufficientCapacity()) return;
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      onChange();
    }, gatherMs);
    while (!isStopping && !isOver && worker.capacity() < worker.sufficientCapacity()) await nextChange();
    clearTimeout(timer);
  };
  const leaseAndStart = async (count: number) => {
    mayBeDue = false;
    try {
      const leased = await lease(count);
      if (leased.deliveries.length === 0) return;
      // A full lease means that more deliveries may be due.
      if (leased.deliveries.length === count) mayBeDue = true;
      worker.start(leased);
    } catch (error) {
      log.error({ err: error }, 'failed to lease deliveries');
      setTimeout(wake, retryMs).unref();
    }
  };
  const run = async () => {
    while (!isStopping) {
      if (isPaused || !mayBeDue || worker.capacity() < 1) {
        await nextChange();
        continue;
      }
      await gatherCapacity();
      const count = Math.min(worker.capacity(), leaseCount);
      if (isStopping || isPaused || count < 1) continue;
      leasing = leaseAndStart(count);
      await leasing;
      leasing = undefined;
    }
  };
  const running = run();

  return {
    wake,
    capacityChanged: onChange,
    async pause() {
      isPaused = true;
      await leasing;
    },
    resume() {
      isPaused = false;
      onChange();
    },
    async stop() {
      isStopping = true;
      onChange();
      await running;
    },
  };
}
