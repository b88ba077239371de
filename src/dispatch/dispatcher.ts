import type { Logger } from 'pino';
import { v4 as uuid } from 'uuid';
import type { DispatchConfig } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { Bus } from '../live/bus.ts';
import type { Workshop } from './attempt.ts';
import { type Lane, startLane, type Worker } from './lane.ts';
import { endExpiredLeases, leaseMessages } from './lease.ts';
import { createMethods } from './methods/list.ts';
import type { Method } from './methods/method.ts';
import { createMetrics, type DispatchMetrics } from './metrics.ts';
import { purgeDeliveries } from './purge.ts';
import { createRenderer } from './rendered-cache.ts';
import { createSendWorker } from './send-worker.ts';
import { createSettler } from './settler.ts';
import { createStoreWorker } from './store-worker.ts';

/** What the dispatcher works with. */
export interface DispatcherOptions {
  readonly db: Database;
  readonly config: DispatchConfig;
  /** Where people reach the service. */
  readonly baseUrl: () => string;
  readonly bus: Bus;
  readonly log: Logger;
  readonly now: () => Date;
  /** Left out: of its own. */
  readonly metrics?: DispatchMetrics;
  /** Left out: those of the configuration. */
  readonly methods?: readonly Method[];
  /** The name of this node in the log of deliveries; left out: a new uuid. */
  readonly notifier?: string;
  /** From 0 to 1; left out: at random. */
  readonly random?: () => number;
}

/** Sends what is enqueued, until it is stopped. */
export interface Dispatcher {
  /** Something was enqueued: it is looked for at once. */
  wake(): void;
  /** Leases nothing more, finishes what is under way, as far as it does not take too long, and stores the results. */
  stop(): Promise<void>;
  isRunning(): boolean;
}

/** How long a stop waits for what is being sent, and then for results to be stored. */
const graceMs = 5000;
const flushMs = 3000;
const purgeIntervalMs = 10 * 60 * 1000;

/**
 * Starts to send. Several nodes may work on one database.
 * @throws Error when a method cannot be made from the configuration, or attempts may outlive their leases.
 */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { db, config, bus, log, now, baseUrl, random = Math.random, notifier = uuid() } = options;
  if (config.timeoutMs >= config.leasePeriodMs) throw new Error('The dispatch timeout must be shorter than the lease.');
  const metrics = options.metrics ?? createMetrics(db);
  const methods = options.methods ?? createMethods({ config, db, bus, now, baseUrl });
  const settler = createSettler({ db, log, updates: metrics.updates });

  const timers = new Set<NodeJS.Timeout>();
  const workshop = (wake: () => void): Workshop => ({
    settler,
    metrics,
    render: createRenderer(),
    rules: config,
    helpers: () => ({ baseUrl: baseUrl(), appName: config.appName, logoUrl: config.logoUrl ?? '', now: now() }),
    random,
    onRetry(ms) {
      // Later than the next look, that look finds it.
      if (ms >= config.fetchIntervalMs) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        wake();
      }, ms + 2);
      timers.add(timer);
    },
  });

  const lanes = methods.map((method): { readonly lane: Lane; readonly worker: Worker } => {
    const wake = () => lane.wake();
    const onRoom = () => lane.changed();
    const worker =
      'deliverMany' in method
        ? createStoreWorker({ method, workshop: workshop(wake), leaseCount: config.leaseCount, onRoom })
        : createSendWorker({
            sender: method,
            workshop: workshop(wake),
            leaseCount: config.leaseCount,
            leasePeriodMs: config.leasePeriodMs,
            concurrency: Math.min(config.concurrency, method.concurrency ?? config.concurrency),
            timeoutMs: config.timeoutMs,
            onRoom,
          });
    const lease = async (count: number) => {
      const leased = await leaseMessages(db, { method: method.name, count, notifier, periodMs: config.leasePeriodMs });
      for (const { queued_seconds } of leased.rows)
        metrics.queuedSeconds.observe({ method: method.name }, queued_seconds);
      return leased;
    };
    const lane = startLane({ worker, lease, leaseCount: config.leaseCount, log });
    return { lane, worker };
  });
  const wake = () => {
    for (const { lane } of lanes) lane.wake();
  };

  let stopping: Promise<void> | undefined;
  const look = () => {
    endExpiredLeases(db).then(
      () => wake(),
      (error: unknown) => {
        if (stopping === undefined) log.error({ err: error }, 'leases whose time is over could not be ended');
      },
    );
  };
  const purge = () => {
    purgeDeliveries(db, config.retentionDays, () => stopping !== undefined).catch((error: unknown) => {
      log.error({ err: error }, 'old deliveries could not be purged');
    });
  };
  look();
  const poll = setInterval(look, config.fetchIntervalMs);
  const purging = setInterval(purge, purgeIntervalMs);

  const stop = async () => {
    clearInterval(poll);
    clearInterval(purging);
    for (const timer of timers) clearTimeout(timer);
    // At once, and again for what a lease under way still brought.
    const releaseAll = () => {
      for (const { worker } of lanes) worker.release();
    };
    releaseAll();
    await Promise.all(lanes.map(({ lane }) => lane.stop()));
    releaseAll();
    const grace = setTimeout(() => {
      for (const { worker } of lanes) worker.abort();
    }, graceMs);
    const idle = Promise.all(lanes.map(({ worker }) => worker.idle()));
    // Nothing is idle before its result is stored; a database that does not answer must not keep the process.
    const flushed = setTimeout(() => void settler.stop(flushMs), graceMs);
    await idle;
    clearTimeout(grace);
    clearTimeout(flushed);
    await settler.stop(flushMs);
    await Promise.all(methods.map((method) => method.close()));
  };
  return {
    wake,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    isRunning: () => stopping === undefined,
  };
}
