import type { Logger } from 'pino';
import { v4 as uuid } from 'uuid';
import type { DispatchConfig } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { Publisher } from '../notifications/ranges.ts';
import type { Workshop } from './attempt.ts';
import { createIsolation, type IsolatedMethod } from './isolation.ts';
import { type Lane, startLane, type Worker } from './lane.ts';
import { endExpiredLeases, type LeaseRequest, leaseMessages } from './lease.ts';
import { startMaintenance, watchOutages } from './maintenance.ts';
import { createMethods } from './methods/list.ts';
import type { Method } from './methods/method.ts';
import { createMetrics, type DispatchMetrics } from './metrics.ts';
import { createRenderer } from './rendered-cache.ts';
import { createSendWorker } from './send-worker.ts';
import { createSettler } from './settler.ts';
import { createStoreWorker } from './store-worker.ts';
import { createWakeUps, type WakeUps } from './wake-ups.ts';

/** What the dispatcher works with. */
export interface DispatcherOptions {
  readonly db: Database;
  readonly config: DispatchConfig;
  /** Where people reach the service. */
  readonly baseUrl: () => string;
  readonly bus: Publisher;
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

/** How a dispatcher is stopped. */
export interface DispatcherStop {
  readonly cut: AbortSignal;
  readonly flushMs: number;
}

/** Sends what is enqueued, until it is stopped. */
export interface Dispatcher {
  /** Something was enqueued: it is looked for at once. */
  wake(): void;
  /** A connection to the database was lost while nobody used it. */
  databaseLost(): void;
  /** Nodes of an earlier version are at work: what they enqueue in their own way is looked for, and queued. */
  sweep(): void;
  /**
   * Leases nothing more and finishes what is under way. What still is when `cut` is aborted is ended and given back to the
   * queue; storing results is given up `flushMs` later.
   */
  stop(how?: DispatcherStop): Promise<void>;
  isRunning(): boolean;
}

/** How long a stop takes at most, unless it is told. */
const graceMs = 5000;
const flushLongestMs = 3000;
/** The first lost leases of a message may be any other's fault; the last must be its own. */
const leastLostLeases = 3;

/**
 * Starts to send. Several nodes may work on one database.
 * @throws Error when a method cannot be made from the configuration, or attempts may outlive their leases.
 */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { config, bus, log, now, baseUrl, random = Math.random, notifier = uuid() } = options;
  const db = watchOutages(options.db, () => maintenance.databaseLost());
  if (config.timeoutMs >= config.leasePeriodMs) throw new Error('The dispatch timeout must be shorter than the lease.');
  const metrics = options.metrics ?? createMetrics(db);
  const methods = options.methods ?? createMethods({ config, db, bus, now, baseUrl });
  const settler = createSettler({ db, log, updates: metrics.updates });

  const retries: WakeUps[] = [];
  const workshop = (wakeUps: WakeUps): Workshop => ({
    settler,
    metrics,
    render: createRenderer(),
    rules: config,
    helpers: () => ({ baseUrl: baseUrl(), appName: config.appName, logoUrl: config.logoUrl ?? '', now: now() }),
    random,
    // Also of what the next look would find: it would find all at once that came due since the last one.
    onRetry: (ms) => wakeUps.in(ms),
  });

  const lanes = methods.map((method): IsolatedMethod & { readonly lane: Lane; readonly worker: Worker } => {
    const wakeUps = createWakeUps(() => lane.wake());
    retries.push(wakeUps);
    const onRoom = () => lane.changed();
    const worker =
      'deliverMany' in method
        ? createStoreWorker({ method, workshop: workshop(wakeUps), leaseCount: config.leaseCount, onRoom })
        : createSendWorker({
            sender: method,
            workshop: workshop(wakeUps),
            leaseCount: config.leaseCount,
            leasePeriodMs: config.leasePeriodMs,
            concurrency: Math.min(config.concurrency, method.concurrency ?? config.concurrency),
            timeoutMs: config.timeoutMs,
            onRoom,
          });
    const { name } = method;
    const lease = async (request: Pick<LeaseRequest, 'count' | 'isSuspect'>) => {
      const periodMs = config.leasePeriodMs;
      const leased = await leaseMessages(db, {
        ...request,
        method: name,
        notifier,
        periodMs,
        ttlMs: config.messageTtlMs,
      });
      for (const { queued_seconds, is_expired } of leased.rows) {
        metrics.queuedSeconds.observe({ method: name }, queued_seconds);
        if (is_expired) metrics.expired.inc({ method: name });
      }
      return leased;
    };
    const lane = startLane({ worker, lease: (count) => lease({ count }), leaseCount: config.leaseCount, log });
    return { lane, worker, leaseSuspect: () => lease({ count: 1, isSuspect: true }) };
  });
  const wake = () => {
    for (const { lane } of lanes) lane.wake();
  };

  let stopping: Promise<void> | undefined;
  const isolation = createIsolation(lanes, (err) => log.error({ err }, 'failed to send messages one by one'));
  const names = methods.map(({ name }) => name);
  const look = () => {
    endExpiredLeases(db, Math.max(leastLostLeases, config.maxAttempts), names).then(
      ({ given_up, any_suspect }) => {
        if (given_up !== null) {
          metrics.abandoned.inc(given_up.length);
          log.error({ deliveries: given_up }, 'every node that sent these deliveries ended; they are given up');
        }
        if (any_suspect) isolation.start();
        wake();
      },
      (error: unknown) => {
        if (stopping === undefined) log.error({ err: error }, 'leases whose time is over could not be ended');
      },
    );
  };
  const { retentionDays, messageTtlMs } = config;
  const maintenance = startMaintenance({ db, log, metrics, retentionDays, messageTtlMs });
  look();
  const poll = setInterval(look, config.fetchIntervalMs);

  const stop = async ({ cut, flushMs }: DispatcherStop) => {
    clearInterval(poll);
    maintenance.stop();
    for (const wakeUps of retries) wakeUps.stop();
    // At once, and again for what a lease under way still brought.
    const releaseAll = () => {
      for (const { worker } of lanes) worker.release();
    };
    releaseAll();
    const abort = () => {
      for (const { worker } of lanes) worker.abort();
      // Nothing is idle before its result is stored; a database that does not answer must not keep the process.
      void settler.stop(flushMs);
    };
    cut.addEventListener('abort', abort);
    if (cut.aborted) abort();
    await Promise.all([isolation.stop(), ...lanes.map(({ lane }) => lane.stop())]);
    releaseAll();
    await Promise.all(lanes.map(({ worker }) => worker.idle()));
    cut.removeEventListener('abort', abort);
    await settler.stop(flushMs);
    await Promise.all(methods.map((method) => method.close()));
  };
  return {
    wake,
    databaseLost: () => maintenance.databaseLost(),
    sweep: () => maintenance.sweep(),
    stop: (how = { cut: AbortSignal.timeout(graceMs), flushMs: flushLongestMs }) => {
      stopping ??= stop(how);
      return stopping;
    },
    isRunning: () => stopping === undefined,
  };
}
