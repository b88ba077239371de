import type { Logger } from 'pino';
import type { Queryable } from '../database/database.ts';
import { promiseWithResolvers } from '../promises.ts';
import type { Lease } from './lease.ts';
import type { Updates } from './metrics.ts';
import { forgiveLostLeases, type Result, settle } from './settle.ts';

/** A result that is not stored yet. */
export interface NewResult extends Result {
  readonly lease: Lease;
  /** Called when it is stored, or given up because the dispatcher stops and the database does not answer. */
  readonly onStored: () => void;
}

/** Writes results, many at once: those that come while some are written are written together after them. */
export interface Settler {
  /** Of each row of a lease once; a lease ends with the last of them. */
  add(result: NewResult): void;
  /** So many rows of a lease were settled by somebody else. */
  skip(lease: Lease, count: number): void;
  /** Somebody waits for what was added: it is stored without waiting for more. */
  hurry(): void;
  /** Stores what there is, for as long as `timeoutMs` at most. What it gives up is sent again when its lease ends. */
  stop(timeoutMs: number): Promise<void>;
}

const batch = 3000;
/**
 * Between the beginnings of two statements, unless a batch is full or waited for: what a crash forgets is sent twice, and
 * each statement has its price.
 */
const gatherMs = 80;
/** Between two tries while the database does not answer. */
const retryMs = 500;

export function createSettler({
  db,
  log,
  updates,
}: {
  readonly db: Queryable;
  readonly log: Logger;
  /** Kept up to date. */
  readonly updates: Updates;
}): Settler {
  let waiting: NewResult[] = [];
  let ended: string[] = [];
  let flushing: Promise<void> | undefined;
  let giveUp: AbortSignal | undefined;
  let gathered: (() => void) | undefined;

  /** Waits for more to store together: for a while, until a batch is full, or somebody waits for it. */
  const gather = async (ms: number) => {
    if (ms <= 0 || waiting.length >= batch || giveUp !== undefined) return;
    const { promise, resolve } = promiseWithResolvers<void>();
    const timer = setTimeout(resolve, ms);
    gathered = resolve;
    await promise;
    clearTimeout(timer);
    gathered = undefined;
  };
  let last = Number.NEGATIVE_INFINITY;
  const count = (lease: Lease, rows: number) => {
    lease.unsettled -= rows;
    if (lease.unsettled === 0) ended.push(lease.id);
  };
  const flush = async () => {
    while (waiting.length + ended.length > 0) {
      // The first result after a quiet moment is stored at once; the many of a busy one come together.
      await gather(last + gatherMs - performance.now());
      last = performance.now();
      const taken = waiting.splice(0, batch);
      for (const { lease } of taken) count(lease, 1);
      await store(taken, ended.splice(0));
      updates.pending -= taken.length;
      for (const { onStored } of taken) onStored();
    }
    // In the same turn in which there was nothing more: what comes after it begins anew.
    flushing = undefined;
  };
  const store = async (results: readonly Result[], endedLeases: readonly string[]) => {
    while (!giveUp?.aborted) {
      try {
        const { stored, forgotten } = await settle(db, results, endedLeases);
        const ids = results.map(({ id }) => id);
        if (stored < results.length) await forgiveLostLeases(db, ids);
        updates.synced += results.length;
        updates.forgotten += forgotten;
        if (forgotten > 0) log.warn({ forgotten }, 'the database had lost results of deliveries; they are sent again');
        return;
      } catch (error) {
        log.error({ err: error, results: results.length }, 'results of deliveries could not be stored');
        await pause(retryMs, giveUp);
      }
    }
  };

  const flushSoon = () => {
    if (waiting.length + ended.length > 0) flushing ??= flush();
  };

  return {
    add(result) {
      waiting.push(result);
      updates.pending += 1;
      if (waiting.length >= batch) gathered?.();
      flushSoon();
    },
    skip(lease, rows) {
      count(lease, rows);
      flushSoon();
    },
    hurry: () => gathered?.(),
    async stop(timeoutMs) {
      giveUp = AbortSignal.timeout(timeoutMs);
      gathered?.();
      await flushing;
      waiting = [];
      ended = [];
    },
  };
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
