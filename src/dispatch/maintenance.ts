import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { isOutage } from '../outage.ts';
import { expireMessages } from './expire.ts';
import type { DispatchMetrics } from './metrics.ts';
import { purgeDeliveries } from './purge.ts';
import { sweepOrphans } from './sweep.ts';

/** Keeps the deliveries in order, in the background: expiry, sweep and purge. */
export interface Maintenance {
  /** A connection was lost: the database may have lost its last commits, and all deliveries are looked at again. */
  databaseLost(): void;
  /** Somebody may have enqueued what is at neither place: what came since the last look is looked at now. */
  sweep(): void;
  stop(): void;
}

/** What the maintenance works with. */
export interface MaintenanceOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: Pick<DispatchMetrics, 'orphans' | 'expired'>;
  readonly retentionDays: number;
  readonly messageTtlMs: number;
}

const expiryIntervalMs = 60 * 1000;
const sweepIntervalMs = 5 * 60 * 1000;
const purgeIntervalMs = 10 * 60 * 1000;
/** Between a lost connection, or a sweep that was not finished, and the next sweep. */
const sweepSoonMs = 3000;

/** Starts with an expiry and a sweep; the first purge is one interval later. */
export function startMaintenance(options: MaintenanceOptions): Maintenance {
  const { db, log, metrics, retentionDays, messageTtlMs } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  const expire = () =>
    expireMessages(db, messageTtlMs, {
      onExpired: (method, count) => metrics.expired.inc({ method }, count),
      signal,
    });
  const purge = async () => void (await purgeDeliveries(db, retentionDays, () => signal.aborted));

  // Deliveries before this id were settled when a sweep looked, and only a crash could change that.
  let settledBefore: string | undefined;
  let losses = 0;
  let soon: NodeJS.Timeout | undefined;
  const sweep = async () => {
    const lossesBefore = losses;
    const swept = await sweepOrphans(db, { from: settledBefore, signal });
    // Another node is at it, maybe not from the first delivery on.
    if (swept === undefined) return settledBefore === undefined ? sweepSoon() : undefined;
    if (losses === lossesBefore) settledBefore = swept.settledBefore;
    if (swept.orphans === 0) return;
    metrics.orphans.inc(swept.orphans);
    log.warn({ orphans: swept.orphans }, 'deliveries were in neither the queue nor a lease; they are queued again');
  };
  const sweepSoon = () => {
    if (signal.aborted) return;
    soon ??= setTimeout(() => {
      soon = undefined;
      runSweep();
    }, sweepSoonMs).unref();
  };

  const runExpiry = job(expire, 'failed to expire deliveries');
  const runPurge = job(purge, 'failed to purge deliveries');
  const runSweep = job(sweep, 'failed to look for orphaned deliveries', sweepSoon);
  const timers = [
    setInterval(runExpiry, expiryIntervalMs),
    setInterval(runPurge, purgeIntervalMs),
    setInterval(runSweep, sweepIntervalMs),
  ];
  runExpiry();
  runSweep();

  /** Runs it unless it is running. @param onBusy called when it is */
  function job(work: () => Promise<void>, failure: string, onBusy?: () => void): () => void {
    let isRunning = false;
    return () => {
      if (isRunning) return onBusy?.();
      isRunning = true;
      work()
        // Whoever needs the database says that it is away.
        .catch((err: unknown) => signal.aborted || isOutage(err) || log.error({ err }, failure))
        .finally(() => {
          isRunning = false;
        });
    };
  }

  return {
    databaseLost() {
      losses += 1;
      settledBefore = undefined;
      sweepSoon();
    },
    sweep: runSweep,
    stop() {
      stopping.abort();
      for (const timer of timers) clearInterval(timer);
      clearTimeout(soon);
    },
  };
}

/** The same database; `onLost` is called when something failed because it cannot be asked. */
export function watchOutages(db: Database, onLost: () => void): Database {
  const watch = async <Result>(answer: Promise<Result>): Promise<Result> => {
    try {
      return await answer;
    } catch (error) {
      if (isOutage(error)) onLost();
      throw error;
    }
  };
  return { ...db, query: (sql) => watch(db.query(sql)), transaction: (work) => watch(db.transaction(work)) };
}
