import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Queryable } from '../database/database.ts';
import { methodNames } from './outbox.ts';

/** What the dispatcher counts. What the Coder reference counts has its names, so that its dashboards work. */
export interface DispatchMetrics {
  readonly registry: Registry;
  /** Measures the queue; everything else is counted as it happens. */
  lookAtQueue(): Promise<void>;
  readonly attempts: Counter<'method' | 'notification_template_id' | 'result'>;
  readonly retries: Counter<'method' | 'notification_template_id'>;
  readonly queuedSeconds: Histogram<'method'>;
  readonly inflight: Gauge<'method' | 'notification_template_id'>;
  readonly sendSeconds: Histogram<'method'>;
  readonly pendingUpdates: Gauge;
  readonly syncedUpdates: Counter;
}

/** Metrics as Prometheus reads them. */
export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}

const prefix = 'coderd_notifications_';
/** For what the reference does not have. */
const ownPrefix = 'tidings_notifications_';

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
  return {
    registry,
    async lookAtQueue() {
      const rows = await readQueue(db);
      queueDepth.reset();
      for (const { method, status, depth } of rows) queueDepth.set({ method, status }, depth);
      for (const name of methodNames) {
        const ages = rows.filter(({ method }) => method === name).map(({ oldest_seconds }) => oldest_seconds);
        oldestAge.set({ method: name }, Math.max(0, ...ages));
      }
    },
    attempts: new Counter({
      name: `${prefix}dispatch_attempts_total`,
      help: 'Attempts to deliver a message, by what became of them.',
      labelNames: ['method', 'notification_template_id', 'result'] as const,
      registers,
    }),
    retries: new Counter({
      name: `${prefix}retry_count`,
      help: 'Attempts after which a message is tried again.',
      labelNames: ['method', 'notification_template_id'] as const,
      registers,
    }),
    queuedSeconds: new Histogram({
      name: `${prefix}queued_seconds`,
      help: 'How long a message was due before it was taken.',
      labelNames: ['method'] as const,
      buckets: [1, 2.5, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 600, 3600],
      registers,
    }),
    inflight: new Gauge({
      name: `${prefix}inflight_dispatches`,
      help: 'Messages that are being delivered.',
      labelNames: ['method', 'notification_template_id'] as const,
      registers,
    }),
    sendSeconds: new Histogram({
      name: `${prefix}dispatcher_send_seconds`,
      help: 'How long one attempt took.',
      labelNames: ['method'] as const,
      buckets: [0.001, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120],
      registers,
    }),
    pendingUpdates: new Gauge({
      name: `${prefix}pending_updates`,
      help: 'Results of attempts that are not stored yet.',
      registers,
    }),
    syncedUpdates: new Counter({
      name: `${prefix}synced_updates_total`,
      help: 'Results of attempts that were stored.',
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
             greatest(extract(epoch from now() - min(coalesce(leased_until, due_at))), 0)::float8
               as oldest_seconds
      from deliveries
      where due_at is not null
      group by method, status`,
    values: [],
  });
}
