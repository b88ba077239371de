import type { Logger } from 'pino';
import { isOutage } from '../outage.ts';
import type { DispatchPrisma } from './dispatch-prisma.ts';
import { expireDeliveries } from './expire-deliveries.ts';
import type { DispatchMetrics } from './metrics.ts';
import { purgeDeliveries } from './purge-deliveries.ts';
import { sweepOrphans } from './sweep-orphans.ts';

/**
 * Background jobs on deliveries: expiry, purge, and the sweep for orphans, which are unsettled deliveries in neither
 * the queue nor a lease.
 */
export interface Maintenance {
  /** To be called when a connection was lost: the database may have lost commits, so a full sweep is scheduled. */
  databaseLost(): void;
  /** Sweeps now. Starts at the oldest delivery that was unsettled at the last sweep. */
  sweep(): void;
  stop(): void;
}

export interface MaintenanceOptions {
  readonly prisma: Pick<DispatchPrisma, 'delivery' | 'payload' | 'queuedDelivery' | '$statements'>;
  readonly log: Logger;
  readonly metrics: Pick<DispatchMetrics, 'orphans' | 'expired'>;
  readonly retentionDays: number;
  readonly messageTtlMs: number;
}

const expiryIntervalMs = 60 * 1000;
const sweepIntervalMs = 5 * 60 * 1000;
const purgeIntervalMs = 10 * 60 * 1000;
/** Delay of the sweep after a lost connection or an unfinished sweep. */
const sweepSoonMs = 3000;

/** Starts an expiry and a sweep immediately; the first purge runs after one interval. */
export function startMaintenance(options: MaintenanceOptions): Maintenance {
  const { prisma, log, metrics, retentionDays, messageTtlMs } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  const expire = () =>
    expireDeliveries(prisma, messageTtlMs, {
      onExpired: (method, count) => metrics.expired.inc({ method }, count),
      signal,
    });
  const purge = async () => void (await purgeDeliveries(prisma, retentionDays, () => signal.aborted));

  // Deliveries before this id were settled at the last sweep, and only a crash of the database can undo that.
  let settledBefore: string | undefined;
  let losses = 0;
  let soon: NodeJS.Timeout | undefined;
  const sweep = async () => {
    const lossesBefore = losses;
    const swept = await sweepOrphans(prisma, { from: settledBefore, signal });
    // Another node is sweeping, but perhaps not from the first delivery.
    if (swept === undefined) return settledBefore === undefined ? sweepSoon() : undefined;
    if (losses === lossesBefore) settledBefore = swept.settledBefore;
    if (swept.orphans === 0) return;
    metrics.orphans.inc(swept.orphans);
    log.warn({ orphans: swept.orphans }, 'found deliveries in neither the queue nor a lease; queued them again');
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
  const runSweep = job(sweep, 'failed to sweep for orphaned deliveries', sweepSoon);
  const timers = [
    setInterval(runExpiry, expiryIntervalMs),
    setInterval(runPurge, purgeIntervalMs),
    setInterval(runSweep, sweepIntervalMs),
  ];
  runExpiry();
  runSweep();

  /** Returns a function that runs `work` unless it is already running. @param onBusy called if it is already running */
  function job(work: () => Promise<void>, failure: string, onBusy?: () => void): () => void {
    let isRunning = false;
    return () => {
      if (isRunning) return onBusy?.();
      isRunning = true;
      work()
        // Outages are logged by the code that serves requests.
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
