import { Counter, type Registry } from 'prom-client';
import { NIL } from 'uuid';
import type { ServicePrisma } from '../database/prisma.ts';
import type { NotificationMethods } from './sql/methods.ts';

/** Inboxes compared each time. */
const inboxesAtOnce = 50;
/** Maximum number of notifications of a compared inbox; at most 50 times as many rows are counted. */
const largestInbox = 2_000;

/**
 * Adds the metrics of inbox drift. Returns the function that compares the counters of the next inboxes with counts; it
 * begins again after the last inbox. The difference is 0 unless the invariant of `inboxes` is broken.
 */
export function createDriftMetrics(prisma: ServicePrisma<NotificationMethods>, registry: Registry) {
  const registers = [registry];
  const drift = new Counter({
    name: 'tidings_inbox_drift_total',
    help: 'Sum of the differences found between the counters of inboxes and counts. Must stay 0.',
    registers,
  });
  const sampled = new Counter({
    name: 'tidings_inbox_drift_sampled_total',
    help: 'Inboxes whose counters were compared with counts.',
    registers,
  });
  let after: string = NIL;
  return async (): Promise<void> => {
    const [sample] = await prisma.inbox.sampleDrift(after, inboxesAtOnce, largestInbox);
    drift.inc(sample?.drift ?? 0);
    sampled.inc(sample?.sampled ?? 0);
    after = sample?.sampled === inboxesAtOnce && sample.last !== null ? sample.last : NIL;
  };
}
