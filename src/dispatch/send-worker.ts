import { promiseWithResolvers } from '../promises.ts';
import { conclude, count, prepare, reasonOf, store, type Workshop } from './attempt.ts';
import type { Worker } from './lane.ts';
import type { Lease, LeasedRow } from './lease.ts';
import type { Message, Outcome, Sender } from './methods/method.ts';
import { createPace } from './pace.ts';
import type { Verdict } from './retry.ts';

/** How long what is leased ahead may take to be started; a lease that leaves less is not taken ahead at all. */
const aheadMs = 200;

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
 * that, so one that hangs costs its own place and only for a while. As long as results are stored quickly, so many
 * messages are leased ahead as will be started in a moment; where nothing gets through, none are.
 */
export function createSendWorker(options: SendOptions): Worker {
  const { sender, workshop, concurrency, timeoutMs, leasePeriodMs, leaseCount, onRoom } = options;
  const { metrics } = workshop;
  const sending = new Set<() => void>();
  const waiting: Job[] = [];
  const pace = createPace(aheadMs);
  let places = 0;
  let unsettled = 0;
  let isStopping = false;
  let onIdle: (() => void) | undefined;

  // A message that waits for its place uses up its lease.
  const mayWait = leasePeriodMs - timeoutMs >= 10 * aheadMs;
  const ahead = () => (mayWait ? Math.min(pace.expected(), leaseCount) : 0);

  const attempt = async (message: Message): Promise<Outcome | 'stopped'> => {
    const controller = new AbortController();
    const { promise: ended, resolve } = promiseWithResolvers<Outcome | 'stopped'>();
    const end = (outcome: Outcome | 'stopped') => {
      // First, so that it is this that counts and not what the method says to its signal.
      resolve(outcome);
      controller.abort();
    };
    const stop = () => end('stopped');
    const timer = setTimeout(() => end(timedOut(timeoutMs)), timeoutMs);
    sending.add(stop);
    const measure = metrics.sendSeconds.startTimer({ method: sender.name });
    try {
      const delivered = sender
        .deliver(message, controller.signal)
        .catch((error: unknown): Outcome => ({ kind: 'retry', reason: reasonOf(error) }));
      return await Promise.race([ended, delivered]);
    } finally {
      measure();
      clearTimeout(timer);
      sending.delete(stop);
    }
  };

  const send = async (row: LeasedRow): Promise<Verdict> => {
    const prepared = prepare(workshop, row);
    if ('verdict' in prepared) {
      count(metrics, sender.name, row, prepared.verdict);
      return prepared.verdict;
    }
    const labels = { method: sender.name, notification_template_id: row.template_id ?? '' };
    metrics.inflight.inc(labels);
    const outcome = await attempt(prepared.message).finally(() => metrics.inflight.dec(labels));
    if (outcome === 'stopped') return release('the notifier stopped');
    return conclude(workshop, sender.name, row, outcome);
  };

  const finish = async (job: Job, verdict: Verdict) => {
    unsettled += 1;
    await store(workshop, job.lease, job.row, verdict);
    unsettled -= 1;
    pace.count();
    startNext();
  };
  const start = async (job: Job) => {
    places += 1;
    const verdict = await send(job.row).catch((error: unknown) =>
      conclude(workshop, sender.name, job.row, { kind: 'retry', reason: reasonOf(error) }),
    );
    places -= 1;
    const finished = finish(job, verdict);
    startNext();
    await finished;
  };
  /** As many results may wait to be stored as are being sent, and as are stored in a moment: then the next ones wait. */
  const hasPlace = () => !isStopping && places < concurrency && places + unsettled < 2 * concurrency + ahead();
  const startNext = () => {
    while (hasPlace()) {
      const job = waiting.shift();
      if (job === undefined) break;
      if (performance.now() + timeoutMs > job.lease.expiresAt) void finish(job, release('it waited too long'));
      else void start(job);
    }
    onRoom();
    if (places + unsettled + waiting.length === 0) onIdle?.();
  };

  return {
    enough: () => Math.ceil(concurrency / 2),
    room() {
      const stock = ahead();
      // Few large leases cost far less than many small ones: while half of the stock is there, no more is taken.
      if (isStopping || waiting.length > stock / 2) return 0;
      const free = Math.min(concurrency - places, 2 * concurrency - places - unsettled);
      return Math.max(free, 0) + stock - waiting.length;
    },
    take(lease) {
      for (const row of lease.rows) {
        const job = { lease, row };
        // What is started at once has its whole lease before it.
        if (waiting.length === 0 && hasPlace()) void start(job);
        else waiting.push(job);
      }
    },
    async idle() {
      if (places + unsettled + waiting.length === 0) return;
      const { promise, resolve } = promiseWithResolvers<void>();
      onIdle = resolve;
      await promise;
    },
    release() {
      isStopping = true;
      for (const job of waiting.splice(0)) void finish(job, release('the notifier stopped'));
    },
    abort() {
      for (const stop of sending) stop();
    },
  };
}

/** Somebody sends it as if nobody had tried. */
function release(reason: string): Verdict {
  return { status: 'pending', reason };
}

function timedOut(timeoutMs: number): Outcome {
  return { kind: 'retry', reason: `no answer within ${timeoutMs} ms` };
}
