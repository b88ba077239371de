import { type PromiseWithResolvers, promiseWithResolvers } from '../promises.ts';
import { conclude, count, prepare, store, type Workshop } from './attempt.ts';
import type { Worker } from './lane.ts';
import type { Lease, LeasedRow } from './lease.ts';
import type { Sender } from './methods/method.ts';
import { createPace } from './pace.ts';
import type { Verdict } from './retry.ts';
import { createTrials } from './trials.ts';

/** How long what is leased ahead may take to be started; a lease that leaves less is not taken ahead at all. */
const aheadMs = 200;

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
 */
export function createSendWorker(options: SendOptions): Worker {
  const { sender, workshop, concurrency, timeoutMs, leasePeriodMs, leaseCount, onRoom } = options;
  const { metrics, settler } = workshop;
  const labels = { method: sender.name };
  const trials = createTrials(timeoutMs);
  const waiting: Job[] = [];
  const pace = createPace(aheadMs);
  const unsettledMost = unsettledPerPlace * concurrency;
  let places = 0;
  let unsettled = 0;
  let isStopping = false;
  let isStartDue = false;
  let becomingIdle: PromiseWithResolvers<void> | undefined;

  // A message that waits for its place uses up its lease.
  const mayWait = leasePeriodMs - timeoutMs >= 10 * aheadMs;
  // Two leases: while one is being worked off, the next one is under way.
  const ahead = () => (mayWait ? Math.min(pace.expected(), 2 * leaseCount) : 0);

  /** Sends one message; `done` is called later, never before this returns. */
  const send = (row: LeasedRow, done: (verdict: Verdict) => void) => {
    const tally = metrics.tallyOf(sender.name, row.template_id);
    const prepared = prepare(workshop, row);
    if ('verdict' in prepared) {
      const { verdict } = prepared;
      count(tally, verdict);
      queueMicrotask(() => done(verdict));
      return;
    }
    const { message } = prepared;
    const begin = performance.now();
    tally.inflight += 1;
    trials.run(
      (attempt) => sender.deliver(message, attempt),
      (end) => {
        tally.inflight -= 1;
        metrics.sendSeconds.observe(labels, (performance.now() - begin) / 1000);
        done(end === 'stopped' ? release('the notifier stopped') : conclude(workshop, tally, row, end));
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
    send(job.row, (verdict) => {
      places -= 1;
      pace.count();
      finish(job, verdict);
      startSoon();
    });
  };
  /** Some results for each place may wait to be stored, and as many as are delivered in a moment: then the next ones wait. */
  const hasPlace = () => !isStopping && places < concurrency && places + unsettled < unsettledMost + ahead();
  const startNext = () => {
    if (places < concurrency && !hasPlace()) settler.hurry();
    while (hasPlace()) {
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
      if (isStopping || waiting.length > stock / 2) return 0;
      const free = Math.min(concurrency - places, unsettledMost - places - unsettled);
      return Math.max(free, 0) + stock - waiting.length;
    },
    take(lease) {
      for (const row of lease.rows) {
        const job = { lease, row };
        // What is started at once has its whole lease before it.
        if (waiting.length === 0 && hasPlace()) start(job);
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
