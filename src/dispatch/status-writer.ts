import type { Logger } from 'pino';
import { promiseWithResolvers } from '../promises.ts';
import type { Lease } from './lease.ts';
import type { Updates } from './metrics.ts';
import { type SettlePrisma, settle } from './settle.ts';
import type { DispatchMethods } from './sql/methods.ts';
import type { StatusUpdate } from './sql/settle-deliveries.ts';

/** A status update that is buffered until it is stored. */
export interface BufferedUpdate extends StatusUpdate {
  readonly lease: Lease;
  /** Called when it is stored, or dropped because the dispatcher stops while the database does not respond. */
  readonly onStored: () => void;
}

/** Buffers status updates and writes them in batches. Updates that are added during a write form the next batch. */
export interface StatusWriter {
  /** To be called once for each delivery of a lease; the lease ends with the last of them. */
  add(update: BufferedUpdate): void;
  /** Accounts for `count` deliveries of a lease whose statuses were stored by other code. */
  skip(lease: Lease, count: number): void;
  /** Flushes the buffer without waiting for more updates. */
  flushNow(): void;
  /**
   * Flushes the buffer, for `timeoutMs` at most. Deliveries whose updates are dropped are sent again when their lease
   * expires.
   */
  stop(timeoutMs: number): Promise<void>;
}

const batchSize = 3000;
/**
 * Shortest time between the starts of two flushes, unless a batch is full or `flushNow` is called. It balances the
 * cost of a statement against the number of messages that are sent twice when the process is killed.
 */
const flushIntervalMs = 80;
/** Delay between two tries while the database does not respond. */
const retryMs = 500;

export function createStatusWriter({
  prisma,
  log,
  updates,
}: {
  readonly prisma: SettlePrisma & {
    readonly queuedDelivery: Pick<DispatchMethods['queuedDelivery'], 'resetLostLeases'>;
  };
  readonly log: Logger;
  /** Metrics that are kept up to date. */
  readonly updates: Updates;
}): StatusWriter {
  let buffer: BufferedUpdate[] = [];
  let endedLeases: string[] = [];
  let flushing: Promise<void> | undefined;
  let stopSignal: AbortSignal | undefined;
  let endGather: (() => void) | undefined;

  /** Waits for more updates: for `ms`, or until a batch is full or `flushNow` is called. */
  const gather = async (ms: number) => {
    if (ms <= 0 || buffer.length >= batchSize || stopSignal !== undefined) return;
    const { promise, resolve } = promiseWithResolvers<void>();
    const timer = setTimeout(resolve, ms);
    endGather = resolve;
    await promise;
    clearTimeout(timer);
    endGather = undefined;
  };
  let lastFlush = Number.NEGATIVE_INFINITY;
  const settleSome = (lease: Lease, count: number) => {
    lease.unsettled -= count;
    if (lease.unsettled === 0) endedLeases.push(lease.id);
  };
  const flush = async () => {
    while (buffer.length + endedLeases.length > 0) {
      // After a quiet period, the first update is stored immediately.
      await gather(lastFlush + flushIntervalMs - performance.now());
      lastFlush = performance.now();
      const batch = buffer.splice(0, batchSize);
      for (const { lease } of batch) settleSome(lease, 1);
      await store(batch, endedLeases.splice(0));
      updates.pending -= batch.length;
      for (const { onStored } of batch) onStored();
    }
    // Reset in the same turn of the event loop as the check above, so that the next update starts a new flush.
    flushing = undefined;
  };
  const store = async (batch: readonly StatusUpdate[], leaseIds: readonly string[]) => {
    while (!stopSignal?.aborted) {
      try {
        const { stored, forgotten } = await settle(prisma, batch, leaseIds);
        // Some leases had expired. This node is slow but has not crashed, so they do not count as lost.
        if (stored < batch.length) await prisma.queuedDelivery.resetLostLeases(batch.map(({ id }) => id));
        updates.synced += batch.length;
        updates.forgotten += forgotten;
        if (forgotten > 0)
          log.warn({ forgotten }, 'the database lost stored results of deliveries; sending them again');
        return;
      } catch (error) {
        log.error({ err: error, results: batch.length }, 'failed to store results of deliveries');
        await delay(retryMs, stopSignal);
      }
    }
  };

  const startFlush = () => {
    if (buffer.length + endedLeases.length > 0) flushing ??= flush();
  };

  return {
    add(update) {
      buffer.push(update);
      updates.pending += 1;
      if (buffer.length >= batchSize) endGather?.();
      startFlush();
    },
    skip(lease, count) {
      settleSome(lease, count);
      startFlush();
    },
    flushNow: () => endGather?.(),
    async stop(timeoutMs) {
      stopSignal = AbortSignal.timeout(timeoutMs);
      endGather?.();
      await flushing;
      buffer = [];
      endedLeases = [];
    },
  };
}

/** Resolves after `ms`, or when the signal is aborted. */
async function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
