import type { Logger } from 'pino';
import { type PromiseWithResolvers, promiseWithResolvers } from '../promises.ts';
import type { Lease } from './lease.ts';

/** Does the work of one method: how much it has room for, and what it does with what was leased. */
export interface Worker {
  /** How many messages it can start, now or so soon that their lease does not run out meanwhile. */
  room(): number;
  /** With less room than this a moment's wait is worth while: more will come free, for one statement. */
  enough(): number;
  /** Starts all of them and returns; calls what it was given at its making whenever room comes free. */
  take(lease: Lease): void;
  /** Fulfilled when nothing is under way. */
  idle(): Promise<void>;
  /** Gives back what was leased and is not started, and starts nothing more; to be called again for what comes after. */
  release(): void;
  /** Ends what is under way; it is tried again by somebody. */
  abort(): void;
}

/** Feeds one worker from the queue. */
export interface Lane {
  /** Something may be due. */
  wake(): void;
  /** Room came free. */
  changed(): void;
  /** Leases nothing until it is released; fulfilled when no lease is under way. What was leased goes on. */
  hold(): Promise<void>;
  release(): void;
  /** Leases nothing more; what was leased goes on. */
  stop(): Promise<void>;
}

/** How long to let room come together. */
const gatherMs = 5;
/** How soon to look again after a fault of the database. */
const faultMs = 1000;

/**
 * Starts to lease for a worker, whenever it has room and something may be due.
 * @param lease up to so many messages
 */
export function startLane({
  worker,
  lease,
  leaseCount,
  log,
}: {
  readonly worker: Worker;
  /** Most messages of one lease. */
  readonly leaseCount: number;
  readonly lease: (count: number) => Promise<Lease>;
  readonly log: Logger;
}): Lane {
  let mayBeDue = true;
  let isStopping = false;
  let isHeld = false;
  let leasing: Promise<void> | undefined;
  let awaited: PromiseWithResolvers<void> | undefined;
  const changed = () => {
    awaited?.resolve();
    awaited = undefined;
  };
  const change = () => {
    awaited ??= promiseWithResolvers<void>();
    return awaited.promise;
  };
  const wake = () => {
    mayBeDue = true;
    changed();
  };

  const gather = async () => {
    if (worker.room() >= worker.enough()) return;
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      changed();
    }, gatherMs);
    while (!isStopping && !isOver && worker.room() < worker.enough()) await change();
    clearTimeout(timer);
  };
  const take = async (count: number) => {
    mayBeDue = false;
    try {
      const leased = await lease(count);
      if (leased.rows.length === 0) return;
      // As many as were asked for: there may be more.
      if (leased.rows.length === count) mayBeDue = true;
      worker.take(leased);
    } catch (error) {
      log.error({ err: error }, 'deliveries could not be leased');
      setTimeout(wake, faultMs).unref();
    }
  };
  const run = async () => {
    while (!isStopping) {
      if (isHeld || !mayBeDue || worker.room() < 1) {
        await change();
        continue;
      }
      await gather();
      const count = Math.min(worker.room(), leaseCount);
      if (isStopping || isHeld || count < 1) continue;
      leasing = take(count);
      await leasing;
      leasing = undefined;
    }
  };
  const running = run();

  return {
    wake,
    changed,
    async hold() {
      isHeld = true;
      await leasing;
    },
    release() {
      isHeld = false;
      changed();
    },
    async stop() {
      isStopping = true;
      changed();
      await running;
    },
  };
}
