import { Counter, type Registry } from 'prom-client';
import { NIL } from 'uuid';
import type { ServicePrisma } from '../database/prisma.ts';
import type { NotificationMethods } from './sql/methods.ts';

/** Number of inboxes compared in one call. */
const inboxesAtOnce = 50;
/** Maximum number of notifications in a compared inbox. So one call counts at most 50 times as many rows. */
const largestInbox = 2_000;

/**
 * Adds the metrics of inbox drift. Returns a function that compares the counters of the next inboxes with the counted
 * rows. After the last inbox, it starts again with the first. The difference is 0 unless the invariant of `inboxes` is
 * broken.
 */
export function createDriftMetrics(prisma: ServicePrisma<NotificationMethods>, registry: Registry) {
  const registers = [registry];
  const drift = new Counter({
    name: 'tidings_inbox_drift_total',
    help: 'Sum of the differences between the counters of inboxes and the counted rows. Must stay 0.',
    registers,
  });
  const sampled = new Counter({
    name: 'tidings_inbox_drift_sampled_total',
    help: 'Inboxes whose counters were compared with the counted rows.',
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
