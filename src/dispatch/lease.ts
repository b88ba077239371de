import { v4 as uuid } from 'uuid';
import type { TemplateFacts, UserFacts } from '../preferences/decide.ts';
import { factsOf, type StoredFacts } from '../preferences/facts.ts';
import type { TemplateTexts } from '../templates/model.ts';
import { type MethodName, methodNames } from './method-names.ts';
import type { UserPayload } from './payload.ts';
import type { ExpiredLeases } from './sql/end-expired-leases.ts';
import type { LeasedRow } from './sql/lease-deliveries.ts';
import type { DispatchMethods } from './sql/methods.ts';

export interface LeasedTemplate extends TemplateTexts {
  readonly facts: TemplateFacts;
}

/** A delivery that this node may send until its lease expires, with the data from which its message is rendered. */
export interface LeasedDelivery {
  readonly id: string;
  readonly lease: Lease;
  readonly template_id: string | null;
  /** All deliveries of the lease with this template share one object; null without a template. */
  readonly template: LeasedTemplate | null;
  /** The stored payload. Deliveries of the lease that have the same payload share one object. */
  readonly payload: unknown;
  /** Read when the delivery was leased, not when it was enqueued. */
  readonly user: UserPayload;
  /** Completed attempts. */
  readonly attempt_count: number;
  /** The trace of the request that enqueued the delivery, as W3C's header; null if nothing was traced. */
  readonly traceparent: string | null;
  /** How long the delivery was due before it was leased. */
  readonly queued_seconds: number;
  /** What the user chose until the delivery was leased. Users who chose nothing share one object. */
  readonly user_facts: UserFacts;
  /** The notification that the e-mail is about, if it was created in an inbox and not by a message; else null. */
  readonly notification_id: string | null;
  /** Whether it has waited longer than the time to live, not counting pauses. */
  readonly is_expired: boolean;
}

/**
 * The deliveries leased by one statement. Status updates name the lease, so that an update is ignored if another node
 * has leased the delivery since.
 */
export interface Lease {
  readonly id: string;
  readonly deliveries: readonly LeasedDelivery[];
  /** Number of deliveries whose new status is not known yet. */
  unsettled: number;
  /** When the lease expires, or slightly earlier, as a time of `performance.now()`. */
  readonly expiresAt: number;
  /** When its statement was sent and answered, as times of `performance.now()`. */
  readonly requestedAt: number;
  readonly leasedAt: number;
}

/** What to lease. */
export interface LeaseRequest {
  readonly method: MethodName;
  readonly count: number;
  /** Name of this node, shown in the delivery log. */
  readonly notifier: string;
  readonly periodMs: number;
  /** Time to live: deliveries that have waited longer are marked as expired. Default: no limit. */
  readonly ttlMs?: number | undefined;
  /**
   * True: lease only deliveries that are suspected of crashing a node, because their last two or more leases in a row
   * were lost; false (default): only the others.
   */
  readonly isCrashSuspect?: boolean | undefined;
}

/**
 * Leases up to `count` due deliveries, starting with the one that has been due for the longest time. Skips deliveries
 * that another node has leased or is leasing; leases none while the notifier is paused. Uses only the database's clock,
 * so the clocks of nodes may differ.
 */
export async function leaseDeliveries(
  { delivery }: Pick<DispatchMethods, 'delivery'>,
  { method, count, notifier, periodMs, ttlMs, isCrashSuspect = false }: LeaseRequest,
): Promise<Lease> {
  const id = uuid();
  const requestedAt = performance.now();
  const request = { id, method, count, notifier, periodMs, ttlMs: ttlMs ?? null };
  const rows = await (isCrashSuspect ? delivery.leaseCrashSuspects(request) : delivery.lease(request));
  const deliveries: LeasedDelivery[] = [];
  const lease: Lease = {
    id,
    deliveries,
    unsettled: rows.length,
    expiresAt: requestedAt + periodMs,
    requestedAt,
    leasedAt: performance.now(),
  };
  const shared = readShared(rows);
  for (const row of rows) deliveries.push(toLeasedDelivery(row, lease, shared));
  return lease;
}

/**
 * Ends expired leases, returns their unsettled deliveries to the queue and counts one more lost lease for each. After
 * two lost leases in a row a delivery is suspected of crashing its node and is sent alone; see `isolation.ts`.
 * @param maxLost number of lost leases in a row, at least 3, after which a delivery fails for good
 * @param methods the methods by which this node sends; default: all
 */
export async function expireLeases(
  { deliveryLease }: Pick<DispatchMethods, 'deliveryLease'>,
  maxLost: number,
  methods: readonly MethodName[] = methodNames,
): Promise<ExpiredLeases> {
  const [expired] = await deliveryLease.endExpired(maxLost, methods);
  return expired ?? { ended: 0, abandoned: null, any_crash_suspect: false };
}

interface SharedParts {
  readonly templates: ReadonlyMap<string | null, LeasedTemplate>;
  readonly payloads: ReadonlyMap<string | null, object>;
  readonly facts: StoredFacts | null;
}

function readShared(rows: readonly LeasedRow[]): SharedParts {
  const templates = new Map<string | null, LeasedTemplate>();
  const payloads = new Map<string | null, object>();
  for (const row of rows) {
    for (const [id, [title_template, body_template, facts]] of Object.entries(row.templates ?? {})) {
      templates.set(id, { id, title_template, body_template, facts });
    }
    for (const [id, payload] of Object.entries(row.payloads ?? {})) payloads.set(id, payload);
  }
  return { templates, payloads, facts: rows.find(({ facts }) => facts !== null)?.facts ?? null };
}

function toLeasedDelivery(row: LeasedRow, lease: Lease, { templates, payloads, facts }: SharedParts): LeasedDelivery {
  const payload = payloads.get(row.payload_id);
  const template = templates.get(row.template_id) ?? null;
  const { id, own_payload, user_id, user_email, user_name, user_username } = row;
  return {
    id,
    lease,
    // Uses the shared string instead of the row's own copy, because thousands of deliveries can wait in memory.
    template_id: template?.id ?? row.template_id,
    template,
    payload: own_payload === null ? payload : { ...payload, ...own_payload },
    user: { user_id, user_email, user_name, user_username },
    attempt_count: row.attempt_count,
    traceparent: row.traceparent,
    queued_seconds: row.queued_seconds,
    user_facts: factsOf(facts, user_id, row.template_id, row),
    notification_id: row.notification_id,
    is_expired: row.is_expired,
  };
}
