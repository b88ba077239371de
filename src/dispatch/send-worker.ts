import { type PromiseWithResolvers, promiseWithResolvers } from '../promises.ts';
import { conclude, count, prepare, store, type Workshop } from './attempt.ts';
import type { Worker } from './lane.ts';
import type { Lease, LeasedRow } from './lease.ts';
import type { Sender, WaitRequest } from './methods/method.ts';
import { createPace } from './pace.ts';
import type { Verdict } from './retry.ts';
import { createThrottle } from './throttle.ts';
import { createTrials } from './trials.ts';

/** How long what is leased ahead may take to be started; a lease that leaves less is not taken ahead at all. */
const aheadMs = 200;

/** The same for a receiver with a rate limit, so that a statement does not lease just one message. */
const throttledAheadMs = 1000;

/** During longer pauses of a receiver its messages wait in the queue, and not here. */
const longestPauseMs = 5000;

/** Messages of each place that are being sent or wait for their results to be stored, where nothing is leased ahead. */
const unsettledPerPlace = 8;

/** How messages are sent. */
export interface SendOptions {
  readonly sender: Sender;
  readonly workshop: Workshop;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly leasePeriodMs: number;
  /** Most messages leased ahead. */
  readonly leaseCount: number;
  readonly onRoom: () => void;
}

interface Job {
  readonly lease: Lease;
  readonly row: LeasedRow;
}

/**
 * Sends messages one by one, many at a time. An attempt that takes too long is given up, whether or not the method heeds
 * that, so one that hangs costs its own place and only for a while. As many messages are leased ahead as will be started
 * in a moment; where nothing gets through, or its results are not stored, none are.
 *
 * A receiver that asks to wait gets a rate limit; before that, none is there. While sending pauses nothing is leased, and
 * what was leased waits here if the pause is short, or goes back to the queue, due when the pause ends.
 */
export function createSendWorker(options: SendOptions): Worker {
  const { sender, workshop, concurrency, timeoutMs, leasePeriodMs, leaseCount, onRoom } = options;
  const { metrics, settler } = workshop;
  const labels = { method: sender.name };
  const trials = createTrials(timeoutMs);
  const waiting: Job[] = [];
  const pace = createPace(aheadMs);
  const throttle = createThrottle({
    measured: () => (pace.expected() * 1000) / aheadMs,
    random: workshop.random,
    onReady: () => startNext(),
  });
  const unsettledMost = unsettledPerPlace * concurrency;
  let places = 0;
  let unsettled = 0;
  let isStopping = false;
  let isStartDue = false;
  let becomingIdle: PromiseWithResolvers<void> | undefined;

  // A message that waits for its place uses up its lease.
  const mayWait = leasePeriodMs - timeoutMs >= 10 * aheadMs;
  // Two leases: while one is being worked off, the next one is under way.
  const ahead = () => {
    const { rate } = throttle;
    if (rate === undefined) return mayWait ? Math.min(pace.expected(), 2 * leaseCount) : 0;
    const ms = Math.min(throttledAheadMs, (leasePeriodMs - timeoutMs) / 10);
    return Math.max(1, Math.min(Math.round((rate * ms) / 1000), 2 * leaseCount));
  };

  /** Sends one message; `done` is called later, never before this returns. */
  const send = (row: LeasedRow, done: (verdict: Verdict | WaitRequest, sentAt: number) => void) => {
    const tally = metrics.tallyOf(sender.name, row.template_id);
    const prepared = prepare(workshop, row);
    const begin = performance.now();
    if ('verdict' in prepared) {
      const { verdict } = prepared;
      count(tally, verdict);
      queueMicrotask(() => done(verdict, begin));
      return;
    }
    const { message } = prepared;
    throttle.sent(begin);
    tally.inflight += 1;
    trials.run(
      (attempt) => sender.deliver(message, attempt),
      (end) => {
        tally.inflight -= 1;
        if (end === 'stopped') return done(release('the notifier stopped'), begin);
        if (end.kind === 'wait') return done(end, begin);
        metrics.sendSeconds.observe(labels, (performance.now() - begin) / 1000);
        throttle.accepted();
        done(conclude(workshop, tally, row, end), begin);
      },
    );
  };

  const onStored = () => {
    unsettled -= 1;
    startSoon();
  };
  const finish = (job: Job, verdict: Verdict) => {
    unsettled += 1;
    store(workshop, job.lease, job.row, verdict, onStored);
  };
  const start = (job: Job) => {
    places += 1;
    send(job.row, (end, sentAt) => {
      places -= 1;
      if ('kind' in end) {
        pause(end, sentAt);
        if (mayWaitForResume(job)) waiting.unshift(job);
        else giveBack(job, end.reason);
      } else {
        pace.count();
        finish(job, end);
      }
      startSoon();
    });
  };
  const pause = ({ afterMs }: WaitRequest, sentAt: number) => {
    metrics.waitRequests.inc(labels);
    if (!throttle.refused(afterMs, sentAt)) return;
    metrics.pauses.inc(labels);
    for (const job of waiting.splice(0)) {
      if (mayWaitForResume(job)) waiting.push(job);
      else giveBack(job, 'the receiver asked to wait');
    }
  };
  const mayWaitForResume = ({ lease }: Job) =>
    !isStopping &&
    throttle.resumesAt - performance.now() <= longestPauseMs &&
    throttle.resumesAt + timeoutMs + throttledAheadMs < lease.expiresAt;
  const giveBack = (job: Job, reason: string) =>
    finish(job, { status: 'pending', reason, retryMs: Math.max(throttle.resumesAt - performance.now(), 0) });
  /** Some results for each place may wait to be stored, and as many as are delivered in a moment: then the next ones wait. */
  const hasPlace = () => !isStopping && places < concurrency && places + unsettled < unsettledMost + ahead();
  const startNext = () => {
    if (places < concurrency && !hasPlace()) settler.hurry();
    while (hasPlace() && throttle.maySend()) {
      const job = waiting.shift();
      if (job === undefined) break;
      if (performance.now() + timeoutMs > job.lease.expiresAt) finish(job, release('it waited too long'));
      else start(job);
    }
    onRoom();
    if (places + unsettled + waiting.length === 0) {
      becomingIdle?.resolve();
      becomingIdle = undefined;
    }
  };

  /** Once for all places that come free in one turn of the event loop. */
  const startSoon = () => {
    if (isStartDue) return;
    isStartDue = true;
    setImmediate(() => {
      isStartDue = false;
      startNext();
    });
  };

  return {
    enough: () => Math.ceil(concurrency / 2),
    room() {
      const stock = ahead();
      // Few large leases cost far less than many small ones: while half of the stock is there, no more is taken.
      if (isStopping || waiting.length > stock / 2 || throttle.resumesAt > performance.now()) return 0;
      if (throttle.rate !== undefined) return stock - waiting.length;
      const free = Math.min(concurrency - places, unsettledMost - places - unsettled);
      return Math.max(free, 0) + stock - waiting.length;
    },
    take(lease) {
      for (const row of lease.rows) {
        const job = { lease, row };
        // What is started at once has its whole lease before it.
        if (waiting.length === 0 && hasPlace() && throttle.maySend()) start(job);
        else waiting.push(job);
      }
    },
    async idle() {
      if (places + unsettled + waiting.length === 0) return;
      becomingIdle ??= promiseWithResolvers<void>();
      await becomingIdle.promise;
    },
    release() {
      isStopping = true;
      throttle.stop();
      for (const job of waiting.splice(0)) finish(job, release('the notifier stopped'));
    },
    abort() {
      trials.stopAll();
    },
  };
}

/** Somebody sends it as if nobody had tried. */
function release(reason: string): Verdict {
  return { status: 'pending', reason };
}
