import { setImmediate } from 'node:timers/promises';
import type { NewStatus } from './delivery-status.ts';
import type { Lease, LeasedDelivery } from './lease.ts';
import type { BatchMethod, Message } from './methods/method.ts';
import { prepareMessage } from './prepare-message.ts';
import type { AttemptTrace } from './trace-attempts.ts';
import { countAttempt, statusAfterAttempt, storeStatus, type Worker, type WorkerContext } from './worker.ts';

/** Maximum number of concurrent batches: two, so that one is rendered while the other is being written. */
const maxBatches = 2;
/** Maximum number of messages in one transaction, which locks their inboxes until it ends. */
const maxMessages = 1000;
/** Number of messages to render before yielding to the event loop. */
const chunk = 50;

/** Delivers all deliveries of a lease in one batch. */
export function createBatchWorker({
  method,
  context,
  leaseCount,
  onCapacity,
}: {
  readonly method: BatchMethod;
  readonly context: WorkerContext;
  readonly leaseCount: number;
  readonly onCapacity: () => void;
}): Worker {
  const { metrics, statusWriter } = context;
  const { name } = method;
  const batches = new Set<Promise<void>>();

  const deliverBatch = async (lease: Lease) => {
    const stored: Promise<void>[] = [];
    const messages: Message[] = [];
    const prepared: { readonly delivery: LeasedDelivery; readonly trace: AttemptTrace | undefined }[] = [];
    for (const [index, delivery] of lease.deliveries.entries()) {
      const trace = context.traceAttempt(delivery);
      const preparedAt = performance.now();
      const result = prepareMessage(context, delivery);
      if ('message' in result) {
        messages.push(trace?.send(result.message, preparedAt) ?? result.message);
        prepared.push({ delivery, trace });
      } else {
        trace?.end(result.newStatus.status);
        countAttempt(context, metrics.countsOf(name, delivery.template_id), delivery, result.newStatus);
        stored.push(storeNewStatus(delivery, result.newStatus));
      }
      if (index % chunk === chunk - 1) await setImmediate();
    }
    if (messages.length > 0) {
      const changeInflight = (by: 1 | -1) => {
        for (const { templateId } of messages) {
          metrics.countsOf(name, templateId).inflight += by;
        }
      };
      changeInflight(1);
      const endTimer = metrics.sendSeconds.startTimer({ method: name });
      const outcomes = await method.deliverMany(messages, lease);
      endTimer();
      changeInflight(-1);
      for (const { delivery, trace } of prepared) {
        const outcome = outcomes.get(delivery.id);
        trace?.end(outcome?.kind ?? 'sent');
        const counts = metrics.countsOf(name, delivery.template_id);
        const newStatus = statusAfterAttempt(context, counts, delivery, outcome ?? { kind: 'sent' });
        if (outcome !== undefined) stored.push(storeNewStatus(delivery, newStatus));
      }
      // The method has stored the other statuses itself.
      metrics.updates.synced += messages.length - outcomes.size;
      statusWriter.skip(lease, messages.length - outcomes.size);
    }
    await Promise.all(stored);
  };
  const storeNewStatus = (delivery: LeasedDelivery, newStatus: NewStatus) =>
    new Promise<void>((onStored) => storeStatus(context, delivery, newStatus, onStored));

  return {
    sufficientCapacity: () => 1,
    capacity: () => (batches.size < maxBatches ? Math.min(leaseCount, maxMessages) : 0),
    start(lease) {
      const batch = deliverBatch(lease).finally(() => {
        batches.delete(batch);
        onCapacity();
      });
      batches.add(batch);
    },
    async whenIdle() {
      while (batches.size > 0) await Promise.allSettled(batches);
    },
    returnUnstarted: () => undefined,
    // A batch is one short transaction, so it is left to finish.
    abort: () => undefined,
  };
}
