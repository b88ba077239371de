import type { RenderHelpers } from '../templates/model.ts';
import type { AttemptLog } from './attempt-log.ts';
import type { NewStatus } from './delivery-status.ts';
import type { Lease, LeasedDelivery } from './lease.ts';
import type { MethodName } from './method-names.ts';
import type { Outcome, Untried } from './methods/method.ts';
import type { AttemptCounts, DispatchMetrics } from './metrics.ts';
import type { Renderer } from './renderer.ts';
import { type RetryRules, statusAfter } from './retry-policy.ts';
import type { StatusWriter } from './status-writer.ts';
import type { TraceAttempt } from './trace-attempts.ts';

/** Delivers the leased deliveries of one method. Calls the option `onCapacity` whenever its capacity grows. */
export interface Worker {
  /** Number of deliveries that it can start now, or soon enough before their lease expires. */
  capacity(): number;
  /**
   * With less capacity than this, the lease loop waits briefly for more, so that one statement leases more
   * deliveries.
   */
  sufficientCapacity(): number;
  /** Starts all deliveries of the lease; returns without waiting for them. */
  start(lease: Lease): void;
  /** Resolves when no delivery is in progress. */
  whenIdle(): Promise<void>;
  /**
   * Returns deliveries that are leased but not started to the queue, and starts none from now on. Call again after
   * the last lease.
   */
  returnUnstarted(): void;
  /** Cancels running attempts; their deliveries are returned to the queue. */
  abort(): void;
}

/** The parts of the dispatcher that all workers use. */
export interface WorkerContext {
  readonly method: MethodName;
  readonly now: () => Date;
  readonly statusWriter: StatusWriter;
  readonly metrics: DispatchMetrics;
  readonly rules: RetryRules;
  /** Whether messages go to the inbox, too, and this method links to them there. */
  readonly hasInboxCopies: boolean;
  readonly render: Renderer;
  readonly helpers: () => RenderHelpers;
  readonly logAttempt: AttemptLog;
  readonly traceAttempt: TraceAttempt;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
  /** Called when a delivery will be due again in `ms` milliseconds. */
  readonly onRetry: (ms: number) => void;
}

/** Counts one attempt, and returns the status to store after it. */
export function statusAfterAttempt(
  context: WorkerContext,
  counts: AttemptCounts,
  delivery: LeasedDelivery,
  outcome: Outcome | Untried,
): NewStatus {
  const newStatus = statusAfter(outcome, delivery.attempt_count + 1, context.rules, context.random());
  countAttempt(context, counts, delivery, newStatus);
  return newStatus;
}

/**
 * Counts and logs an attempt by its result. Statuses that no attempt led to (`inhibited`, `pending`) are not counted.
 */
export function countAttempt(
  { logAttempt }: WorkerContext,
  counts: AttemptCounts,
  delivery: LeasedDelivery,
  newStatus: NewStatus,
): void {
  const { status } = newStatus;
  if (status === 'sent') counts.success += 1;
  if (status === 'permanent_failure') counts.perm_fail += 1;
  if (status === 'temporary_failure') counts.temp_fail += 1;
  logAttempt(delivery, newStatus);
}

/**
 * Stores the new status of a delivery, then calls `onStored`. If the delivery is to be retried, schedules the retry.
 */
export function storeStatus(
  { statusWriter, onRetry }: WorkerContext,
  { id, lease }: Pick<LeasedDelivery, 'id' | 'lease'>,
  newStatus: NewStatus,
  onStored: () => void,
): void {
  const retryMs = 'retryMs' in newStatus ? newStatus.retryMs : undefined;
  const onStoredRetry =
    retryMs === undefined
      ? onStored
      : () => {
          onRetry(retryMs);
          onStored();
        };
  statusWriter.add({ id, lease, newStatus, onStored: onStoredRetry });
}
