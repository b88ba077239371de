import { v4 as uuid } from 'uuid';
import type { Queryable } from '../database/database.ts';
import { isPausedSql } from '../settings/read.ts';
import { type TemplateTexts, templateIds } from '../templates/model.ts';
import { expiredSinceSql } from './age.ts';
import { type MethodName, methodNames } from './outbox.ts';
import { type UserPayload, userColumnsSql } from './payload.ts';

/** A message that this node may send until the lease ends, and what it is made from. */
export interface LeasedRow {
  readonly id: string;
  readonly template_id: string | null;
  /** One object for all rows of the lease that have this template; null without one. */
  readonly template: TemplateTexts | null;
  /** The stored payload; one object for all rows of the lease that share it and add nothing of their own. */
  readonly payload: unknown;
  /** As they are now. */
  readonly user: UserPayload;
  /** Attempts that ended before this one. */
  readonly attempt_count: number;
  /** How long it was due before it was leased. */
  readonly queued_seconds: number;
  /** The user disabled the template after this was enqueued. */
  readonly is_disabled: boolean;
  /** It is mail to somebody who is suspended, and not the one that says so. */
  readonly is_suspended: boolean;
  /** It has been waiting for longer than a message may, pauses not counted. */
  readonly is_expired: boolean;
}

interface ReadRow extends UserPayload {
  readonly id: string;
  readonly template_id: string | null;
  readonly payload_id: string | null;
  readonly own_payload: object | null;
  /** What many rows have in common, by its id; null on all rows but one. */
  readonly templates: Readonly<Record<string, readonly [titleTemplate: string, bodyTemplate: string]>> | null;
  readonly payloads: Readonly<Record<string, object>> | null;
  readonly attempt_count: number;
  readonly queued_seconds: number;
  readonly is_disabled: boolean;
  readonly is_suspended: boolean;
  readonly is_expired: boolean;
}

/** What one statement leased. Whoever writes a result shows the id: another node may have leased the rows since. */
export interface Lease {
  readonly id: string;
  readonly rows: readonly LeasedRow[];
  /** How many rows there is no result of yet. */
  unsettled: number;
  /** When it ends, or a little earlier, by the clock of `performance.now()`. */
  readonly expiresAt: number;
}

/** What to lease. */
export interface LeaseRequest {
  readonly method: MethodName;
  readonly count: number;
  /** Shown in the log of deliveries. */
  readonly notifier: string;
  readonly periodMs: number;
  /** How old a message may be; left out: of any age. */
  readonly ttlMs?: number | undefined;
  /** Only messages that were in more than one lost lease in a row, which are to be sent alone; left out: only others. */
  readonly isSuspect?: boolean | undefined;
}

/**
 * Takes up to `count` messages that are due, those due longest first; never one that another node is taking or holds,
 * and none while the notifier is paused.
 * All times are the database's, so that the clocks of nodes need not agree.
 */
export async function leaseMessages(
  db: Queryable,
  { method, count, notifier, periodMs, ttlMs, isSuspect = false }: LeaseRequest,
): Promise<Lease> {
  const id = uuid();
  const start = performance.now();
  const rows = await db.query<ReadRow>({
    ...(isSuspect ? leaseSuspects : leaseOthers),
    values: [method, count, id, notifier, periodMs, ttlMs ?? null],
  });
  return { id, rows: assemble(rows), unsettled: rows.length, expiresAt: start + periodMs };
}

/** What looking for lost leases came to. */
export interface LostLeases {
  readonly ended: number;
  /** Messages that are not tried again, since each node that had them ended without a result. */
  readonly given_up: readonly string[] | null;
  /** Messages are due that are to be sent alone. */
  readonly any_suspect: boolean;
}

/**
 * Puts back into the queue what is left of leases whose time is over, one lost lease the more. After the second in a row
 * a message is suspected of ending its node, and is sent alone; see `isolation.ts`.
 * @param most lost leases in a row, at least 3, after which a message has failed for good
 * @param methods whose messages this node can send; left out: all
 */
export async function endExpiredLeases(
  db: Queryable,
  most: number,
  methods: readonly MethodName[] = methodNames,
): Promise<LostLeases> {
  const [lost] = await db.query<LostLeases>({ name: 'end_leases', text: expiredText, values: [most, methods] });
  return lost ?? { ended: 0, given_up: null, any_suspect: false };
}

function assemble(rows: readonly ReadRow[]): LeasedRow[] {
  const templates = new Map<string | null, TemplateTexts>();
  const payloads = new Map<string | null, object>();
  for (const row of rows) {
    for (const [id, [titleTemplate, bodyTemplate]] of Object.entries(row.templates ?? {})) {
      templates.set(id, { id, titleTemplate, bodyTemplate });
    }
    for (const [id, payload] of Object.entries(row.payloads ?? {})) payloads.set(id, payload);
  }
  return rows.map((row) => {
    const shared = payloads.get(row.payload_id);
    const template = templates.get(row.template_id) ?? null;
    const { id, own_payload, user_id, user_email, user_name, user_username } = row;
    return {
      id,
      // One text for all rows, which wait for their turn by the thousand.
      template_id: template?.id ?? row.template_id,
      template,
      payload: own_payload === null ? shared : { ...shared, ...own_payload },
      user: { user_id, user_email, user_name, user_username },
      attempt_count: row.attempt_count,
      queued_seconds: row.queued_seconds,
      is_disabled: row.is_disabled,
      is_suspended: row.is_suspended,
      is_expired: row.is_expired,
    };
  });
}

/** Those of deliveries that something is left to do for. */
export const unsettledStatuses: readonly string[] = ['pending', 'temporary_failure'];
/** The same in SQL. */
export const unsettledSql = `(${unsettledStatuses.map((status) => `'${status}'`).join(', ')})`;

// A lease or a result that a crash of the database forgets costs a second sending, which is what leases allow for.
// Waiting for the disk would cost more than everything else in these statements.
export const quickCommit = `(select set_config('synchronous_commit', 'off', true)) = 'off'`;

// Times are stored in milliseconds, rounded: what was enqueued just now may lie half of one ahead. Rows and users are
// named by key: how many of a young table there are the planner does not know, and it would read all of it. A row of the
// queue that is changed meanwhile is left for the next lease.
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

// A lease that is being written to is left to who does that. What it settles meanwhile this may put back nevertheless;
// the next lease passes over it. The last one lost of a suspect held nothing else.
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
