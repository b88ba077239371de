import { type PromiseWithResolvers, promiseWithResolvers } from '../promises.ts';
import type { NewStatus } from './delivery-status.ts';
import type { Lease, LeasedDelivery } from './lease.ts';
import type { SingleMethod, WaitRequest } from './methods/method.ts';
import { prepareMessage } from './prepare-message.ts';
import { createRateMeter } from './rate-meter.ts';
import { createRunningAttempts } from './running-attempts.ts';
import { createThrottle } from './throttle.ts';
import { countAttempt, statusAfterAttempt, storeStatus, type Worker, type WorkerContext } from './worker.ts';

/**
 * As many deliveries are leased ahead as are expected to be started within this time. If the lease period is too short
 * for that, none are leased ahead.
 */
const aheadMs = 200;

/** Like `aheadMs`, for a receiver with a rate limit. Longer, so that one statement leases more than one delivery. */
const throttledAheadMs = 1000;

/** If a receiver asks to wait for longer than this, leased deliveries are returned to the queue. */
const maxPauseMs = 5000;

/**
 * Maximum number of deliveries per slot that are being sent or whose new status is not stored yet. Deliveries that are
 * leased ahead do not count.
 */
const unstoredPerSlot = 8;

export interface ConcurrentWorkerOptions {
  readonly method: SingleMethod;
  readonly context: WorkerContext;
  /** Number of slots, which is the maximum number of concurrent attempts. */
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly leasePeriodMs: number;
  /** Maximum number of deliveries in one lease. At most two leases are taken ahead. */
  readonly leaseCount: number;
  readonly onCapacity: () => void;
}

/**
 * Sends messages one at a time in each of many slots. An attempt that takes too long is cancelled and its slot is freed
 * even if the method keeps running, so an attempt that hangs blocks one slot, for the timeout at most. About as many
 * deliveries are leased ahead as will be started within `aheadMs`; none if no delivery was sent recently.
 * A receiver has no rate limit until it asks to wait. During a pause nothing is leased. If the pause is short,
 * deliveries that are already leased wait in memory; otherwise they are returned to the queue and are due when the
 * pause ends.
 */
export function createConcurrentWorker(options: ConcurrentWorkerOptions): Worker {
  const { method, context, concurrency, timeoutMs, leasePeriodMs, leaseCount, onCapacity } = options;
  const { metrics, statusWriter } = context;
  const labels = { method: method.name };
  const attempts = createRunningAttempts(timeoutMs);
  const waiting: LeasedDelivery[] = [];
  const rateMeter = createRateMeter(aheadMs);
  const throttle = createThrottle({
    measured: () => (rateMeter.expected() * 1000) / aheadMs,
    random: context.random,
    onReady: () => startWaiting(),
  });
  const maxUnstored = unstoredPerSlot * concurrency;
  let usedSlots = 0;
  let unstored = 0;
  let isStopping = false;
  let isStartScheduled = false;
  let idle: PromiseWithResolvers<void> | undefined;

  // The lease of a delivery continues to run while the delivery waits in memory.
  const mayLeaseAhead = leasePeriodMs - timeoutMs >= 10 * aheadMs;
  // At most two leases, so that the next one is fetched while one is being sent.
  const aheadCount = () => {
    const { rate } = throttle;
    if (rate === undefined) return mayLeaseAhead ? Math.min(rateMeter.expected(), 2 * leaseCount) : 0;
    const ms = Math.min(throttledAheadMs, (leasePeriodMs - timeoutMs) / 10);
    return Math.max(1, Math.min(Math.round((rate * ms) / 1000), 2 * leaseCount));
  };

  /** Sends one message. `onEnd` is always called asynchronously. */
  const send = (delivery: LeasedDelivery, onEnd: (end: NewStatus | WaitRequest, startedAt: number) => void) => {
    const counts = metrics.countsOf(method.name, delivery.template_id);
    const trace = context.traceAttempt(delivery);
    const preparedAt = performance.now();
    const prepared = prepareMessage(context, delivery);
    const startedAt = performance.now();
    if ('newStatus' in prepared) {
      const { newStatus } = prepared;
      trace?.end(newStatus.status);
      countAttempt(context, counts, delivery, newStatus);
      queueMicrotask(() => onEnd(newStatus, startedAt));
      return;
    }
    const message = trace?.send(prepared.message, preparedAt) ?? prepared.message;
    throttle.sent(startedAt);
    counts.inflight += 1;
    attempts.run(
      (attempt) => method.deliver(message, attempt),
      (end) => {
        counts.inflight -= 1;
        trace?.end(end === 'stopped' ? end : end.kind);
        if (end === 'stopped') return onEnd(returnedBecause('the notifier stopped'), startedAt);
        if (end.kind === 'wait') return onEnd(end, startedAt);
        metrics.sendSeconds.observe(labels, (performance.now() - startedAt) / 1000);
        throttle.accepted();
        onEnd(statusAfterAttempt(context, counts, delivery, end), startedAt);
      },
    );
  };

  const onStored = () => {
    unstored -= 1;
    scheduleStart();
  };
  const finish = (delivery: LeasedDelivery, newStatus: NewStatus) => {
    unstored += 1;
    storeStatus(context, delivery, newStatus, onStored);
  };
  const startOne = (delivery: LeasedDelivery) => {
    usedSlots += 1;
    send(delivery, (end, startedAt) => {
      usedSlots -= 1;
      if ('kind' in end) {
        pause(end, startedAt);
        if (mayWaitForResume(delivery)) waiting.unshift(delivery);
        else returnUntilResume(delivery, end.reason);
      } else {
        rateMeter.count();
        finish(delivery, end);
      }
      scheduleStart();
    });
  };
  const pause = ({ afterMs }: WaitRequest, startedAt: number) => {
    metrics.waitRequests.inc(labels);
    if (!throttle.refused(afterMs, startedAt)) return;
    metrics.pauses.inc(labels);
    for (const delivery of waiting.splice(0)) {
      if (mayWaitForResume(delivery)) waiting.push(delivery);
      else returnUntilResume(delivery, 'the receiver asked to wait');
    }
  };
  const mayWaitForResume = ({ lease }: LeasedDelivery) =>
    !isStopping &&
    throttle.resumesAt - performance.now() <= maxPauseMs &&
    throttle.resumesAt + timeoutMs + throttledAheadMs < lease.expiresAt;
  const returnUntilResume = (delivery: LeasedDelivery, reason: string) =>
    finish(delivery, { status: 'pending', reason, retryMs: Math.max(throttle.resumesAt - performance.now(), 0) });
  const hasFreeSlot = () => !isStopping && usedSlots < concurrency && usedSlots + unstored < maxUnstored + aheadCount();
  const startWaiting = () => {
    if (usedSlots < concurrency && !hasFreeSlot()) statusWriter.flushNow();
    while (hasFreeSlot() && throttle.maySend()) {
      const delivery = waiting.shift();
      if (delivery === undefined) break;
      if (performance.now() + timeoutMs > delivery.lease.expiresAt) {
        finish(delivery, returnedBecause('its lease was about to expire'));
      } else startOne(delivery);
    }
    onCapacity();
    if (usedSlots + unstored + waiting.length === 0) {
      idle?.resolve();
      idle = undefined;
    }
  };

  /** Runs `startWaiting` once for all slots that are freed in one turn of the event loop. */
  const scheduleStart = () => {
    if (isStartScheduled) return;
    isStartScheduled = true;
    setImmediate(() => {
      isStartScheduled = false;
      startWaiting();
    });
  };

  return {
    sufficientCapacity: () => Math.ceil(concurrency / 2),
    capacity() {
      const ahead = aheadCount();
      // A few large leases cost far less than many small ones, so nothing is leased while more than half of the
      // deliveries leased ahead are still waiting.
      if (isStopping || waiting.length > ahead / 2 || throttle.resumesAt > performance.now()) return 0;
      if (throttle.rate !== undefined) return ahead - waiting.length;
      const freeSlots = Math.min(concurrency - usedSlots, maxUnstored - usedSlots - unstored);
      return Math.max(freeSlots, 0) + ahead - waiting.length;
    },
    start(lease: Lease) {
      for (const delivery of lease.deliveries) {
        // The expiry need not be checked here: the lease has only just been taken.
        if (waiting.length === 0 && hasFreeSlot() && throttle.maySend()) startOne(delivery);
        else waiting.push(delivery);
      }
    },
    async whenIdle() {
      if (usedSlots + unstored + waiting.length === 0) return;
      idle ??= promiseWithResolvers<void>();
      await idle.promise;
    },
    returnUnstarted() {
      isStopping = true;
      throttle.stop();
      for (const delivery of waiting.splice(0)) finish(delivery, returnedBecause('the notifier stopped'));
    },
    abort() {
      attempts.stopAll();
    },
  };
}

/** The status that returns a delivery to the queue, due immediately, as if no attempt had been made. */
function returnedBecause(reason: string): NewStatus {
  return { status: 'pending', reason };
}
