import { setImmediate } from 'node:timers/promises';
import { conclude, count, prepare, store, type Workshop } from './attempt.ts';
import type { Worker } from './lane.ts';
import type { Lease, LeasedRow } from './lease.ts';
import type { Message, Store } from './methods/method.ts';
import type { Verdict } from './retry.ts';

/** While one batch is being stored the next one is rendered. */
const batches = 2;
/** Most messages of one transaction, which holds their inboxes until it ends. */
const mostAtOnce = 1000;
/** Messages rendered before a reader has its turn. */
const chunk = 50;

/** Delivers whole leases at once. */
export function createStoreWorker({
  method,
  workshop,
  leaseCount,
  onRoom,
}: {
  readonly method: Store;
  readonly workshop: Workshop;
  readonly leaseCount: number;
  readonly onRoom: () => void;
}): Worker {
  const { metrics, settler } = workshop;
  const { name } = method;
  const underWay = new Set<Promise<void>>();

  const process = async (lease: Lease) => {
    const settled: Promise<void>[] = [];
    const messages: Message[] = [];
    const rows = new Map<string, LeasedRow>();
    for (const [index, row] of lease.rows.entries()) {
      const prepared = prepare(workshop, row);
      if ('message' in prepared) {
        messages.push(prepared.message);
        rows.set(row.id, row);
      } else {
        count(metrics.tallyOf(name, row.template_id), prepared.verdict);
        settled.push(stored(lease, row, prepared.verdict));
      }
      if (index % chunk === chunk - 1) await setImmediate();
    }
    if (messages.length > 0) {
      const observeInflight = (by: 1 | -1) => {
        for (const { templateId } of messages) {
          metrics.tallyOf(name, templateId).inflight += by;
        }
      };
      observeInflight(1);
      const end = metrics.sendSeconds.startTimer({ method: name });
      const outcomes = await method.deliverMany(messages, lease);
      end();
      observeInflight(-1);
      for (const row of rows.values()) {
        const outcome = outcomes.get(row.id);
        const tally = metrics.tallyOf(name, row.template_id);
        const verdict = conclude(workshop, tally, row, outcome ?? { kind: 'sent' });
        if (outcome !== undefined) settled.push(stored(lease, row, verdict));
      }
      metrics.updates.synced += messages.length - outcomes.size;
      settler.skip(lease, messages.length - outcomes.size);
    }
    await Promise.all(settled);
  };
  const stored = (lease: Lease, row: LeasedRow, verdict: Verdict) =>
    new Promise<void>((done) => store(workshop, lease, row, verdict, done));

  return {
    enough: () => 1,
    room: () => (underWay.size < batches ? Math.min(leaseCount, mostAtOnce) : 0),
    take(lease) {
      const work = process(lease).finally(() => {
        underWay.delete(work);
        onRoom();
      });
      underWay.add(work);
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    release: () => undefined,
    // A batch is one short transaction: it is let finish.
    abort: () => undefined,
  };
}
