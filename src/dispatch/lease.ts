import { v4 as uuid } from 'uuid';
import type { Queryable } from '../database/database.ts';
import { isPausedSql } from '../settings/read.ts';
import { type TemplateTexts, templateIds } from '../templates/model.ts';
import { expiredSinceSql } from './age.ts';
import { type MethodName, methodNames } from './method-names.ts';
import { type UserPayload, userColumnsSql } from './payload.ts';

/** A delivery that this node may send until its lease expires, with what its message is rendered from. */
export interface LeasedDelivery {
  readonly id: string;
  readonly lease: Lease;
  readonly template_id: string | null;
  /** All deliveries of the lease with this template share one object; null without a template. */
  readonly template: TemplateTexts | null;
  /** The stored payload. Deliveries of the lease that have the same payload share one object. */
  readonly payload: unknown;
  /** Read when the delivery was leased, not when it was enqueued. */
  readonly user: UserPayload;
  /** Completed attempts. */
  readonly attempt_count: number;
  /** How long the delivery was due before it was leased. */
  readonly queued_seconds: number;
  /** Whether the user has disabled the template since the delivery was enqueued. */
  readonly is_disabled: boolean;
  /** Whether it is mail to a suspended user, other than the mail about the suspension. */
  readonly is_suspended: boolean;
  /** Whether it has waited longer than the time to live, not counting pauses. */
  readonly is_expired: boolean;
}

interface ReadRow extends UserPayload {
  readonly id: string;
  readonly template_id: string | null;
  readonly payload_id: string | null;
  readonly own_payload: object | null;
  /** The templates and payloads of all rows, by id. Only the first row has them. */
  readonly templates: Readonly<Record<string, readonly [titleTemplate: string, bodyTemplate: string]>> | null;
  readonly payloads: Readonly<Record<string, object>> | null;
  readonly attempt_count: number;
  readonly queued_seconds: number;
  readonly is_disabled: boolean;
  readonly is_suspended: boolean;
  readonly is_expired: boolean;
}

/** The deliveries leased by one statement. Status updates name the lease, since another node may hold the delivery by then. */
export interface Lease {
  readonly id: string;
  readonly deliveries: readonly LeasedDelivery[];
  /** Number of deliveries whose new status is not known yet. */
  unsettled: number;
  /** When it expires, or slightly earlier, as a time of `performance.now()`. */
  readonly expiresAt: number;
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
  /** True: lease only deliveries whose last two or more leases in a row were lost; false (default): only the others. */
  readonly isSuspect?: boolean | undefined;
}

/**
 * Leases up to `count` due deliveries, those due longest first. Skips deliveries that another node has leased or is
 * leasing; leases none while the notifier is paused. Uses only the database's clock, so the clocks of nodes may differ.
 */
export async function leaseDeliveries(
  db: Queryable,
  { method, count, notifier, periodMs, ttlMs, isSuspect = false }: LeaseRequest,
): Promise<Lease> {
  const id = uuid();
  const start = performance.now();
  const rows = await db.query<ReadRow>({
    ...(isSuspect ? leaseSuspects : leaseOthers),
    values: [method, count, id, notifier, periodMs, ttlMs ?? null],
  });
  const deliveries: LeasedDelivery[] = [];
  const lease: Lease = { id, deliveries, unsettled: rows.length, expiresAt: start + periodMs };
  const shared = readShared(rows);
  for (const row of rows) deliveries.push(toLeasedDelivery(row, lease, shared));
  return lease;
}

/** What `expireLeases` did. */
export interface ExpiredLeases {
  readonly ended: number;
  /** Ids of deliveries that failed for good, because every node that leased them ended without a result. */
  readonly given_up: readonly string[] | null;
  /** Whether suspect deliveries are due. */
  readonly any_suspect: boolean;
}

/**
 * Ends expired leases, returns their unsettled deliveries to the queue and counts one more lost lease for each. After two
 * lost leases in a row a delivery is suspected of crashing its node and is sent alone; see `isolation.ts`.
 * @param most lost leases in a row, at least 3, after which a delivery fails for good
 * @param methods the methods by which this node sends; default: all
 */
export async function expireLeases(
  db: Queryable,
  most: number,
  methods: readonly MethodName[] = methodNames,
): Promise<ExpiredLeases> {
  const [expired] = await db.query<ExpiredLeases>({ name: 'end_leases', text: expiredText, values: [most, methods] });
  return expired ?? { ended: 0, given_up: null, any_suspect: false };
}

interface SharedParts {
  readonly templates: ReadonlyMap<string | null, TemplateTexts>;
  readonly payloads: ReadonlyMap<string | null, object>;
}

function readShared(rows: readonly ReadRow[]): SharedParts {
  const templates = new Map<string | null, TemplateTexts>();
  const payloads = new Map<string | null, object>();
  for (const row of rows) {
    for (const [id, [titleTemplate, bodyTemplate]] of Object.entries(row.templates ?? {})) {
      templates.set(id, { id, titleTemplate, bodyTemplate });
    }
    for (const [id, payload] of Object.entries(row.payloads ?? {})) payloads.set(id, payload);
  }
  return { templates, payloads };
}

function toLeasedDelivery(row: ReadRow, lease: Lease, { templates, payloads }: SharedParts): LeasedDelivery {
  const payload = payloads.get(row.payload_id);
  const template = templates.get(row.template_id) ?? null;
  const { id, own_payload, user_id, user_email, user_name, user_username } = row;
  return {
    id,
    lease,
    // The shared string instead of the row's own copy: thousands of deliveries wait in memory.
    template_id: template?.id ?? row.template_id,
    template,
    payload: own_payload === null ? payload : { ...payload, ...own_payload },
    user: { user_id, user_email, user_name, user_username },
    attempt_count: row.attempt_count,
    queued_seconds: row.queued_seconds,
    is_disabled: row.is_disabled,
    is_suspended: row.is_suspended,
    is_expired: row.is_expired,
  };
}

/** Statuses that are not final: the delivery is in the queue or leased. */
export const unsettledStatuses: readonly string[] = ['pending', 'temporary_failure'];
/** The same in SQL. */
export const unsettledSql = `(${unsettledStatuses.map((status) => `'${status}'`).join(', ')})`;

// If a crash of the database loses a lease or a result, the message is sent twice, which leases allow for. A synchronous
// commit would cost more than everything else in these statements.
export const quickCommit = `(select set_config('synchronous_commit', 'off', true)) = 'off'`;

// Times are stored rounded to milliseconds, so a delivery enqueued just now may be due half a millisecond ahead. Rows and
// users are looked up by key: without statistics of a new table, the planner would otherwise scan it. A queue row that is
// changed concurrently is left for the next lease.
const leaseText = (isSuspect: boolean) => `
  with due as materialized (
    select ctid as place
    from queued_deliveries
    where ${quickCommit} and not ${isPausedSql} and method = $1 and due_at <= now() + interval '1 millisecond'
      and lost_leases ${isSuspect ? '>' : '<='} 1
    order by due_at
    limit $2
    for update skip locked
  ),
  taken as (
    delete from queued_deliveries where ctid = any (array(select place from due)) returning delivery_id, lost_leases
  ),
  leased as materialized (
    select id, template_id, user_id, payload_id, own_payload, attempt_count,
           coalesce(next_retry_after, created_at) as due_at,
           coalesce(coalesce(retried_at, created_at) <= ${expiredSinceSql('$6')}, false) as is_expired
    from deliveries
    where id = any (array(select delivery_id from taken)) and status in ${unsettledSql}
  ),
  lease as (
    insert into delivery_leases (id, method, leased_by, leased_until, delivery_ids, lost_leases)
    select $3::uuid, $1, $4, now() + $5::float8 * interval '1 millisecond', array_agg(id),
           (select jsonb_object_agg(delivery_id, lost_leases) from taken where lost_leases > 0)
    from leased having count(*) > 0
  )
  select leased.id, leased.template_id, leased.payload_id, leased.own_payload, leased.attempt_count,
         greatest(extract(epoch from now() - leased.due_at), 0)::float8 as queued_seconds,
         users.*,
         coalesce(preferences.disabled, false) as is_disabled,
         $1 = 'smtp' and is_user_suspended
           and leased.template_id is distinct from '${templateIds.ownAccountSuspended}' as is_suspended,
         leased.is_expired,
         case when row_number() over () = 1 then (
           select jsonb_object_agg(id, jsonb_build_array(title_template, body_template)) from templates
           where id = any (array(select distinct template_id from leased))
         ) end as templates,
         case when row_number() over () = 1 then (
           select jsonb_object_agg(id, content) from payloads
           where id = any (array(select distinct payload_id from leased))
         ) end as payloads
  from leased
  cross join lateral (
    select ${userColumnsSql('users')}, status = 'suspended' as is_user_suspended
    from users where id = leased.user_id limit 1
  ) as users
  left join preferences on preferences.template_id = leased.template_id and preferences.user_id = leased.user_id
  order by leased.due_at, leased.id`;

const leaseOthers = { name: 'lease_deliveries', text: leaseText(false) };
const leaseSuspects = { name: 'lease_suspect_deliveries', text: leaseText(true) };

// A lease that is locked is skipped: another statement is storing its results. If a delivery is settled concurrently, this
// may still queue it; the next lease ignores it, because it is settled. The last lost lease of a suspect held only that delivery.
const expiredText = `
  with expired as (
    delete from delivery_leases
    where id in (select id from delivery_leases where leased_until <= now() for update skip locked)
    returning method, delivery_ids, lost_leases
  ),
  left_over as materialized (
    select delivery.*, expired.method, coalesce((expired.lost_leases ->> leased.id::text)::int, 0) + 1 as lost_leases
    from expired
    cross join unnest(expired.delivery_ids) as leased (id)
    cross join lateral (
      select id, status, coalesce(next_retry_after, created_at) as due_at from deliveries
      where id = leased.id and status in ${unsettledSql} limit 1
    ) as delivery
  ),
  given_up as (
    update deliveries
    set status = 'permanent_failure',
        status_reason = 'the notifier ended without a result each of the last ' || $1::int || ' times it sent this',
        next_retry_after = null,
        updated_at = now()
    where id = any (array(select id from left_over where lost_leases >= $1)) and status in ${unsettledSql}
    returning id
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method, status, due_at, lost_leases)
    select id, method, status, due_at, lost_leases from left_over where lost_leases < $1
    on conflict (delivery_id) do nothing
  )
  select (select count(*) from expired) as ended,
         (select array_agg(id) from given_up) as given_up,
         exists (select from left_over where lost_leases > 1 and lost_leases < $1)
           or exists (
             select from queued_deliveries
             where lost_leases > 1 and method = any ($2::text[]) and due_at <= now() + interval '1 millisecond'
           ) as any_suspect`;
