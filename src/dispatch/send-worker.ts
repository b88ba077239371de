import { conclude, count, prepare, reasonOf, store, type Workshop } from './attempt.ts';
import { deferred } from './deferred.ts';
import type { Worker } from './lane.ts';
import type { Lease, LeasedRow } from './lease.ts';
import type { Message, Outcome, Sender } from './methods/method.ts';
import type { Verdict } from './retry.ts';

/** Raised in what a stopping dispatcher ends. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * Sends messages one by one, many at a time. An attempt that takes too long is given up, whether or not the method heeds
 * that, so one that hangs costs its own place and only for a while. Results that are slow to be stored slow the sending.
 */
export function createSendWorker({
  sender,
  workshop,
  concurrency,
  timeoutMs,
  onRoom,
}: {
  readonly sender: Sender;
  readonly workshop: Workshop;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly onRoom: () => void;
}): Worker {
  const { metrics } = workshop;
  const sending = new Set<AbortController>();
  const underWay = new Set<Promise<void>>();

  const attempt = async (message: Message): Promise<Outcome | 'stopped'> => {
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    sending.add(controller);
    const { promise: ended, resolve } = deferred<Outcome | 'stopped'>();
    signal.addEventListener('abort', () => {
      resolve(signal.reason instanceof Stopped ? 'stopped' : timedOut(timeoutMs));
    });
    const end = metrics.sendSeconds.startTimer({ method: sender.name });
    try {
      const delivered = sender
        .deliver(message, signal)
        .catch((error: unknown): Outcome => ({ kind: 'retry', reason: reasonOf(error) }));
      return await Promise.race([delivered, ended]);
    } finally {
      end();
      clearTimeout(timer);
      sending.delete(controller);
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
    if (outcome === 'stopped') return { status: 'pending', reason: 'the notifier stopped' };
    return conclude(workshop, sender.name, row, outcome);
  };

  let places = 0;
  const process = async (lease: Lease, row: LeasedRow) => {
    places += 1;
    let verdict: Verdict;
    try {
      verdict = await send(row);
    } finally {
      places -= 1;
    }
    onRoom();
    await store(workshop, lease, row, verdict);
    onRoom();
  };

  return {
    enough: Math.ceil(concurrency / 2),
    // As many results may wait to be stored as are being sent: then the next ones wait too.
    room: () => Math.min(concurrency - places, 2 * concurrency - underWay.size),
    take(lease) {
      for (const row of lease.rows) {
        const work = process(lease, row).finally(() => underWay.delete(work));
        underWay.add(work);
      }
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    abort() {
      for (const controller of sending) controller.abort(new Stopped());
    },
  };
}

function timedOut(timeoutMs: number): Outcome {
  return { kind: 'retry', reason: `no answer within ${timeoutMs} ms` };
}
