import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type MethodName, methodNames } from './method-names.ts';
import type { DispatchMethods } from './sql/methods.ts';

/**
 * The metrics of the dispatcher. Metrics that exist in Coder have the same names as there, so that its dashboards work.
 */
export interface DispatchMetrics {
  readonly registry: Registry;
  /** Updates the metrics of the queue from the database. All others are counted as events happen. */
  measureQueue(): Promise<void>;
  /** The counts for one template and method. The caller changes them in place. */
  countsOf(method: MethodName, templateId: string | null): AttemptCounts;
  readonly updates: Updates;
  readonly queuedSeconds: Histogram<'method'>;
  readonly sendSeconds: Histogram<'method'>;
  readonly orphans: Counter;
  readonly expired: Counter<'method'>;
  readonly abandoned: Counter;
  /** Responses that asked to wait. */
  readonly waitRequests: Counter<'method'>;
  /** Pauses that these responses started. */
  readonly pauses: Counter<'method'>;
}

/** Plain numbers, read when the metrics are collected: incrementing a labelled metric for each message costs more. */
export interface AttemptCounts {
  /** Attempts in progress. */
  inflight: number;
  /** Completed attempts, by result. */
  success: number;
  temp_fail: number;
  perm_fail: number;
}

/** Status updates of deliveries. */
export interface Updates {
  /** Buffered, not stored yet. */
  pending: number;
  /** Stored since the start. */
  synced: number;
  /** Stored, but lost by the database before the lease ended. */
  forgotten: number;
}

const prefix = 'coderd_notifications_';
/** Prefix of metrics that Coder does not have. */
const ownPrefix = 'tidings_notifications_';

const results = ['success', 'temp_fail', 'perm_fail'] as const;

interface CountLabels {
  readonly method: MethodName;
  readonly notification_template_id: string;
}

/** Adds the metrics of the dispatcher to the registry of a node. */
export function createMetrics(
  { queuedDelivery }: Pick<DispatchMethods, 'queuedDelivery'>,
  registry: Registry = new Registry(),
): DispatchMetrics {
  const registers = [registry];
  const oldestAge = new Gauge({
    name: `${ownPrefix}queue_oldest_age_seconds`,
    help: 'Seconds since the oldest queued message became due; 0 if none is due.',
    labelNames: ['method'] as const,
    registers,
  });
  const queueDepth = new Gauge({
    name: `${ownPrefix}queue_depth`,
    help: 'Messages that are queued or leased.',
    labelNames: ['method', 'status'] as const,
    registers,
  });
  const updates: Updates = { pending: 0, synced: 0, forgotten: 0 };
  const allCounts: (AttemptCounts & { readonly labels: CountLabels })[] = [];
  const countsByMethod = new Map<MethodName, Map<string | null, AttemptCounts>>();
  const labelNames = ['method', 'notification_template_id'] as const;
  new Counter({
    name: `${prefix}dispatch_attempts_total`,
    help: 'Attempts to deliver a message, by result.',
    labelNames: [...labelNames, 'result'],
    registers,
    collect() {
      this.reset();
      for (const { labels, ...counts } of allCounts) {
        for (const result of results) if (counts[result] > 0) this.inc({ ...labels, result }, counts[result]);
      }
    },
  });
  new Counter({
    name: `${prefix}retry_count`,
    help: 'Failed attempts after which the message is retried.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { labels, temp_fail } of allCounts) if (temp_fail > 0) this.inc(labels, temp_fail);
    },
  });
  new Gauge({
    name: `${prefix}inflight_dispatches`,
    help: 'Attempts in progress.',
    labelNames,
    registers,
    collect() {
      for (const { labels, inflight } of allCounts) this.set(labels, inflight);
    },
  });
  new Gauge({
    name: `${prefix}pending_updates`,
    help: 'Results of attempts that are buffered and not stored yet.',
    registers,
    collect() {
      this.set(updates.pending);
    },
  });
  new Counter({
    name: `${prefix}synced_updates_total`,
    help: 'Results of attempts that have been stored.',
    registers,
    collect() {
      this.reset();
      this.inc(updates.synced);
    },
  });
  new Counter({
    name: `${ownPrefix}forgotten_results_total`,
    help: 'Stored results that the database lost, for example in a crash. Their messages are sent again.',
    registers,
    collect() {
      this.reset();
      this.inc(updates.forgotten);
    },
  });
  return {
    registry,
    updates,
    countsOf(method, templateId) {
      let byTemplate = countsByMethod.get(method);
      if (byTemplate === undefined) {
        byTemplate = new Map();
        countsByMethod.set(method, byTemplate);
      }
      const existing = byTemplate.get(templateId);
      if (existing !== undefined) return existing;
      const labels = { method, notification_template_id: templateId ?? '' };
      const counts = { labels, inflight: 0, success: 0, temp_fail: 0, perm_fail: 0 };
      allCounts.push(counts);
      byTemplate.set(templateId, counts);
      return counts;
    },
    async measureQueue() {
      // The last values would be wrong during an outage, so they are removed before the query.
      queueDepth.reset();
      oldestAge.reset();
      const rows = await queuedDelivery.depth();
      for (const { method, status, depth } of rows) queueDepth.set({ method, status }, depth);
      for (const name of methodNames) {
        const ages = rows.filter(({ method }) => method === name).map(({ oldest_seconds }) => oldest_seconds);
        oldestAge.set({ method: name }, Math.max(0, ...ages));
      }
    },
    orphans: new Counter({
      name: `${ownPrefix}orphans_total`,
      help: 'Messages without a final status that were in neither the queue nor a lease, and were queued again.',
      registers,
    }),
    expired: new Counter({
      name: `${ownPrefix}expired_total`,
      help: 'Messages that were not sent because they expired.',
      labelNames: ['method'] as const,
      registers,
    }),
    abandoned: new Counter({
      name: `${ownPrefix}abandoned_total`,
      help: 'Messages that failed for good because every node that sent them ended without a result.',
      registers,
    }),
    queuedSeconds: new Histogram({
      name: `${prefix}queued_seconds`,
      help: 'Seconds for which a message was due before it was leased.',
      labelNames: ['method'] as const,
      buckets: [1, 2.5, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 600, 3600],
      registers,
    }),
    sendSeconds: new Histogram({
      name: `${prefix}dispatcher_send_seconds`,
      help: 'Duration of one attempt in seconds.',
      labelNames: ['method'] as const,
      buckets: [0.001, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120],
      registers,
    }),
    waitRequests: new Counter({
      name: `${ownPrefix}wait_requests_total`,
      help: 'Responses that asked to wait. They do not count as attempts.',
      labelNames: ['method'] as const,
      registers,
    }),
    pauses: new Counter({
      name: `${ownPrefix}pauses_total`,
      help: 'Pauses of sending because the receiver asked to wait.',
      labelNames: ['method'] as const,
      registers,
    }),
  };
}
