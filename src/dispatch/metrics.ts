import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Queryable } from '../database/database.ts';
import { unsettledSql } from './lease.ts';
import { type MethodName, methodNames } from './outbox.ts';

/** What the dispatcher counts. What the Coder reference counts has its names, so that its dashboards work. */
export interface DispatchMetrics {
  readonly registry: Registry;
  /** Measures the queue; everything else is counted as it happens. */
  lookAtQueue(): Promise<void>;
  /** What happens to the messages of one template by one method is added to this. */
  tallyOf(method: MethodName, templateId: string | null): Tally;
  readonly updates: Updates;
  readonly queuedSeconds: Histogram<'method'>;
  readonly sendSeconds: Histogram<'method'>;
  readonly orphans: Counter;
  readonly expired: Counter<'method'>;
  readonly abandoned: Counter;
  /** Answers that asked to wait. */
  readonly waitRequests: Counter<'method'>;
  /** Pauses that began because of them. */
  readonly pauses: Counter<'method'>;
}

/** Plain numbers, which the metrics take when they are read: with labels to check, each step would cost more. */
export interface Tally {
  /** Messages that are being delivered. */
  inflight: number;
  /** Ends of attempts. */
  success: number;
  temp_fail: number;
  perm_fail: number;
}

/** Results of attempts. */
export interface Updates {
  /** Not stored yet. */
  pending: number;
  /** Stored, ever. */
  synced: number;
  /** Stored, but lost by the database before their lease ended. */
  forgotten: number;
}

/** Metrics as Prometheus reads them. */
export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}

const prefix = 'coderd_notifications_';
/** For what the reference does not have. */
const ownPrefix = 'tidings_notifications_';

const results = ['success', 'temp_fail', 'perm_fail'] as const;

interface TallyLabels {
  readonly method: MethodName;
  readonly notification_template_id: string;
}

/** The metrics of a process. @param db where the queue is */
export function createMetrics(db: Queryable): DispatchMetrics {
  const registry = new Registry();
  const registers = [registry];
  const oldestAge = new Gauge({
    name: `${ownPrefix}queue_oldest_age_seconds`,
    help: 'For how long the oldest message has been waiting for its next attempt; 0 when none is due.',
    labelNames: ['method'] as const,
    registers,
  });
  const queueDepth = new Gauge({
    name: `${ownPrefix}queue_depth`,
    help: 'Messages that are neither sent nor given up.',
    labelNames: ['method', 'status'] as const,
    registers,
  });
  const updates: Updates = { pending: 0, synced: 0, forgotten: 0 };
  const tallies: (Tally & { readonly labels: TallyLabels })[] = [];
  const tallyBy = new Map<MethodName, Map<string | null, Tally>>();
  const labelNames = ['method', 'notification_template_id'] as const;
  new Counter({
    name: `${prefix}dispatch_attempts_total`,
    help: 'Attempts to deliver a message, by what became of them.',
    labelNames: [...labelNames, 'result'],
    registers,
    collect() {
      this.reset();
      for (const { labels, ...tally } of tallies) {
        for (const result of results) if (tally[result] > 0) this.inc({ ...labels, result }, tally[result]);
      }
    },
  });
  new Counter({
    name: `${prefix}retry_count`,
    help: 'Attempts after which a message is tried again.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { labels, temp_fail } of tallies) if (temp_fail > 0) this.inc(labels, temp_fail);
    },
  });
  new Gauge({
    name: `${prefix}inflight_dispatches`,
    help: 'Messages that are being delivered.',
    labelNames,
    registers,
    collect() {
      for (const { labels, inflight } of tallies) this.set(labels, inflight);
    },
  });
  new Gauge({
    name: `${prefix}pending_updates`,
    help: 'Results of attempts that are not stored yet.',
    registers,
    collect() {
      this.set(updates.pending);
    },
  });
  new Counter({
    name: `${prefix}synced_updates_total`,
    help: 'Results of attempts that were stored.',
    registers,
    collect() {
      this.reset();
      this.inc(updates.synced);
    },
  });
  new Counter({
    name: `${ownPrefix}forgotten_results_total`,
    help: 'Results that the database lost after they were stored, as in a crash; their messages are sent again.',
    registers,
    collect() {
      this.reset();
      this.inc(updates.forgotten);
    },
  });
  return {
    registry,
    updates,
    tallyOf(method, templateId) {
      let byTemplate = tallyBy.get(method);
      if (byTemplate === undefined) {
        byTemplate = new Map();
        tallyBy.set(method, byTemplate);
      }
      const known = byTemplate.get(templateId);
      if (known !== undefined) return known;
      const labels = { method, notification_template_id: templateId ?? '' };
      const tally = { labels, inflight: 0, success: 0, temp_fail: 0, perm_fail: 0 };
      tallies.push(tally);
      byTemplate.set(templateId, tally);
      return tally;
    },
    async lookAtQueue() {
      const rows = await readQueue(db);
      queueDepth.reset();
      for (const { method, status, depth } of rows) queueDepth.set({ method, status }, depth);
      for (const name of methodNames) {
        const ages = rows.filter(({ method }) => method === name).map(({ oldest_seconds }) => oldest_seconds);
        oldestAge.set({ method: name }, Math.max(0, ...ages));
      }
    },
    orphans: new Counter({
      name: `${ownPrefix}orphans_total`,
      help: 'Unsettled messages that were found in neither the queue nor a lease, and queued again.',
      registers,
    }),
    expired: new Counter({
      name: `${ownPrefix}expired_total`,
      help: 'Messages that were not sent because they were too old.',
      labelNames: ['method'] as const,
      registers,
    }),
    abandoned: new Counter({
      name: `${ownPrefix}abandoned_total`,
      help: 'Messages that were given up because every node that sent them ended without a result.',
      registers,
    }),
    queuedSeconds: new Histogram({
      name: `${prefix}queued_seconds`,
      help: 'How long a message was due before it was taken.',
      labelNames: ['method'] as const,
      buckets: [1, 2.5, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 600, 3600],
      registers,
    }),
    sendSeconds: new Histogram({
      name: `${prefix}dispatcher_send_seconds`,
      help: 'How long one attempt took.',
      labelNames: ['method'] as const,
      buckets: [0.001, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120],
      registers,
    }),
    waitRequests: new Counter({
      name: `${ownPrefix}wait_requests_total`,
      help: 'Answers by which a receiver asked to wait; they are no attempts.',
      labelNames: ['method'] as const,
      registers,
    }),
    pauses: new Counter({
      name: `${ownPrefix}pauses_total`,
      help: 'How often sending paused because the receiver asked to wait.',
      labelNames: ['method'] as const,
      registers,
    }),
  };
}

/** Everything that is counted, in the text format of Prometheus. */
export async function renderMetrics({ registry, lookAtQueue }: DispatchMetrics): Promise<RenderedMetrics> {
  await lookAtQueue();
  return { contentType: registry.contentType, body: await registry.metrics() };
}

interface QueueRow {
  readonly method: string;
  readonly status: string;
  readonly depth: number;
  readonly oldest_seconds: number;
}

function readQueue(db: Queryable): Promise<QueueRow[]> {
  return db.query<QueueRow>({
    name: 'delivery_queue',
    text: `
      select method, status, count(*) as depth,
             greatest(extract(epoch from now() - min(due_at)), 0)::float8 as oldest_seconds
      from queued_deliveries
      group by method, status
      union all
      select lease.method, 'leased', count(*), 0
      from delivery_leases as lease
      cross join unnest(delivery_ids) as leased (id)
      cross join lateral (select from deliveries where id = leased.id and status in ${unsettledSql} limit 1) as delivery
      group by lease.method`,
    values: [],
  });
}
