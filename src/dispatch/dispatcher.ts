import type { Logger } from 'pino';
import { v4 as uuid } from 'uuid';
import type { DispatchConfig } from '../config.ts';
import type { Publisher } from '../notifications/ranges.ts';
import type { Tracer } from '../tracing.ts';
import { createAttemptLog } from './attempt-log.ts';
import { createBatchWorker } from './batch-worker.ts';
import { createConcurrentWorker } from './concurrent-worker.ts';
import { type DispatchPrisma, watchOutages } from './dispatch-prisma.ts';
import { createIsolation, type IsolatedMethod } from './isolation.ts';
import { expireLeases, type LeaseRequest, leaseDeliveries } from './lease.ts';
import { type LeaseLoop, startLeaseLoop } from './lease-loop.ts';
import { startMaintenance } from './maintenance.ts';
import { createMethods } from './methods/create-methods.ts';
import type { UnsubscribeToken } from './methods/mail-content.ts';
import type { Method } from './methods/method.ts';
import type { ResetToken } from './methods/reset-mail.ts';
import { createMetrics, type DispatchMetrics } from './metrics.ts';
import { createRenderer } from './renderer.ts';
import { createStatusWriter } from './status-writer.ts';
import { createAttemptTracing } from './trace-attempts.ts';
import { createWakeUpTimers, type WakeUpTimers } from './wake-up-timers.ts';
import type { Worker, WorkerContext } from './worker.ts';

export interface DispatcherOptions {
  readonly prisma: DispatchPrisma;
  readonly config: DispatchConfig;
  /** Base URL of the service. */
  readonly baseUrl: () => string;
  readonly unsubscribeToken: UnsubscribeToken;
  readonly resetToken: ResetToken;
  readonly bus: Publisher;
  readonly log: Logger;
  readonly now: () => Date;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  /** Default: new metrics. */
  readonly metrics?: DispatchMetrics;
  /** Default: all methods, as configured. */
  readonly methods?: readonly Method[];
  /** Name of this node in the delivery log. Default: a new UUID. */
  readonly notifier?: string;
  /** Returns a number from 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

export interface StopOptions {
  /** Cancels running attempts when aborted. */
  readonly cut: AbortSignal;
  /** How long results may still be stored after `cut` is aborted. */
  readonly flushMs: number;
}

/** Sends enqueued deliveries until it is stopped. */
export interface Dispatcher {
  /** To be called after deliveries were enqueued: leases them without waiting for the next poll. */
  wake(): void;
  /** To be called when an idle connection to the database was lost. */
  databaseLost(): void;
  /**
   * To be called while nodes of an earlier version are running: those store deliveries without adding them to the
   * queue. Finds such deliveries and queues them.
   */
  sweep(): void;
  /**
   * Leases nothing more and finishes what is in progress. When `cut` is aborted, running attempts are cancelled and
   * their deliveries returned to the queue; results that are not stored `flushMs` later are dropped.
   */
  stop(options?: StopOptions): Promise<void>;
  isRunning(): boolean;
}

/** Defaults of `stop`. */
const graceMs = 5000;
const defaultFlushMs = 3000;
/**
 * A delivery is sent alone only after two lost leases, so fewer than three lost leases do not prove that it crashed its
 * node: another delivery of the same lease may have done so.
 */
const minLostLeases = 3;

/** One method with its worker and the loop that leases for it. */
interface Pipeline extends IsolatedMethod {
  readonly loop: LeaseLoop;
  readonly worker: Worker;
}

/**
 * Starts sending. Several nodes may work on one database.
 * @throws Error when a method cannot be created from the configuration, or an attempt may outlive its lease
 */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { config, log, now, baseUrl, random = Math.random, notifier = uuid() } = options;
  const prisma = watchOutages(options.prisma, () => maintenance.databaseLost());
  if (config.timeoutMs >= config.leasePeriodMs)
    throw new Error('The dispatch timeout must be shorter than the lease period.');
  const metrics = options.metrics ?? createMetrics(prisma);
  const methods = options.methods ?? createMethods({ ...options, prisma });
  const statusWriter = createStatusWriter({ prisma, log, updates: metrics.updates });

  const allWakeUps: WakeUpTimers[] = [];
  const workerContext = (method: Method, wakeUps: WakeUpTimers): WorkerContext => ({
    method: method.name,
    now,
    logAttempt: createAttemptLog(log, method.name),
    traceAttempt: createAttemptTracing(options.tracer, method.name),
    statusWriter,
    metrics,
    render: createRenderer(),
    rules: config,
    hasInboxCopies: method.name === 'smtp' && config.isInboxEnabled,
    helpers: () => ({
      baseUrl: config.appUrl ?? baseUrl(),
      appName: config.appName,
      logoUrl: config.logoUrl ?? '',
      now: now(),
    }),
    random,
    // Every retry gets a timer, even if the next poll would find it: a poll would start all retries of its interval at
    // the same moment.
    onRetry: (ms) => wakeUps.schedule(ms),
  });

  const pipelines = methods.map((method): Pipeline => {
    const wakeUps = createWakeUpTimers(() => loop.wake());
    allWakeUps.push(wakeUps);
    const context = workerContext(method, wakeUps);
    const { leaseCount, leasePeriodMs, timeoutMs, messageTtlMs: ttlMs } = config;
    const onCapacity = () => loop.capacityChanged();
    const worker =
      'deliverMany' in method
        ? createBatchWorker({ method, context, leaseCount, onCapacity })
        : createConcurrentWorker({
            method,
            context,
            leaseCount,
            leasePeriodMs,
            concurrency: Math.min(config.concurrency, method.concurrency ?? config.concurrency),
            timeoutMs,
            onCapacity,
          });
    const { name } = method;
    const lease = async (request: Pick<LeaseRequest, 'count' | 'isCrashSuspect'>) => {
      const leased = await leaseDeliveries(prisma, {
        ...request,
        method: name,
        notifier,
        periodMs: leasePeriodMs,
        ttlMs,
      });
      for (const { queued_seconds, is_expired } of leased.deliveries) {
        metrics.queuedSeconds.observe({ method: name }, queued_seconds);
        if (is_expired) metrics.expired.inc({ method: name });
      }
      return leased;
    };
    const loop = startLeaseLoop({ worker, lease: (count) => lease({ count }), leaseCount, log });
    return { loop, worker, leaseCrashSuspect: () => lease({ count: 1, isCrashSuspect: true }) };
  });
  const wake = () => {
    for (const { loop } of pipelines) loop.wake();
  };

  let stopping: Promise<void> | undefined;
  const isolation = createIsolation(pipelines, (err) =>
    log.error({ err }, 'failed to send deliveries that are suspected of crashing nodes'),
  );
  const names = methods.map(({ name }) => name);
  const poll = () => {
    expireLeases(prisma, Math.max(minLostLeases, config.maxAttempts), names).then(
      ({ abandoned, any_crash_suspect }) => {
        if (abandoned !== null) {
          metrics.abandoned.inc(abandoned.length);
          log.error({ deliveries: abandoned }, 'abandoned deliveries because every node that sent them crashed');
        }
        if (any_crash_suspect) isolation.start();
        wake();
      },
      (error: unknown) => {
        if (stopping === undefined) log.error({ err: error }, 'failed to expire leases');
      },
    );
  };
  const { retentionDays, messageTtlMs } = config;
  const maintenance = startMaintenance({ prisma, log, metrics, retentionDays, messageTtlMs });
  poll();
  const pollTimer = setInterval(poll, config.fetchIntervalMs);

  const stop = async ({ cut, flushMs }: StopOptions) => {
    clearInterval(pollTimer);
    maintenance.stop();
    for (const wakeUps of allWakeUps) wakeUps.stop();
    // Called twice: immediately, and again for the deliveries of a lease statement that is still running.
    const returnUnstarted = () => {
      for (const { worker } of pipelines) worker.returnUnstarted();
    };
    returnUnstarted();
    const abort = () => {
      for (const { worker } of pipelines) worker.abort();
      // Workers are idle only when their results are stored, and an unresponsive database must not keep the process
      // alive.
      void statusWriter.stop(flushMs);
    };
    cut.addEventListener('abort', abort);
    if (cut.aborted) abort();
    await Promise.all([isolation.stop(), ...pipelines.map(({ loop }) => loop.stop())]);
    returnUnstarted();
    await Promise.all(pipelines.map(({ worker }) => worker.whenIdle()));
    cut.removeEventListener('abort', abort);
    await statusWriter.stop(flushMs);
    await Promise.all(methods.map((method) => method.close()));
  };
  return {
    wake,
    databaseLost: () => maintenance.databaseLost(),
    sweep: () => maintenance.sweep(),
    stop: (stopOptions = { cut: AbortSignal.timeout(graceMs), flushMs: defaultFlushMs }) => {
      stopping ??= stop(stopOptions);
      return stopping;
    },
    isRunning: () => stopping === undefined,
  };
}
