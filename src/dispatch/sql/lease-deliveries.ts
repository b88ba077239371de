import { statement } from '../../database/statement.ts';
import type { TemplateFacts } from '../../preferences/decide.ts';
import type { StoredFacts, UserColumns } from '../../preferences/facts.ts';
import { factsSql, templateFactsSql } from '../../preferences/sql/facts.ts';
import { isPausedSql } from '../../settings/sql/is-paused.ts';
import type { MethodName } from '../method-names.ts';
import type { UserPayload } from '../payload.ts';
import { asyncCommit, expiredSinceSql, unsettledSql, userColumnsSql } from './fragments.ts';

/** A leased delivery as the statement returns it. */
export interface LeasedRow extends UserPayload, UserColumns {
  readonly id: string;
  readonly template_id: string | null;
  readonly payload_id: string | null;
  readonly own_payload: object | null;
  /** The templates and payloads of all rows, by id. Only the first row has them. */
  readonly templates: Readonly<
    Record<string, readonly [title_template: string, body_template: string, facts: TemplateFacts]>
  > | null;
  readonly payloads: Readonly<Record<string, object>> | null;
  /** What the users of all rows chose. Only the first row has it. */
  readonly facts: StoredFacts | null;
  readonly attempt_count: number;
  readonly traceparent: string | null;
  readonly queued_seconds: number;
  readonly notification_id: string | null;
  readonly is_expired: boolean;
}

export interface LeaseParameters {
  readonly id: string;
  readonly method: MethodName;
  readonly count: number;
  readonly notifier: string;
  readonly periodMs: number;
  readonly ttlMs: number | null;
}

// Times are stored rounded to milliseconds, so a delivery that was just enqueued may be due up to half a millisecond in
// the future. Rows and users are looked up by key: without statistics of a new table, the planner would otherwise scan
// it. A queue row that is changed concurrently is left for the next lease.
const leaseText = (isCrashSuspect: boolean) => `
  with due as materialized (
    select ctid as row_ctid
    from queued_deliveries
    where ${asyncCommit} and not ${isPausedSql} and method = $1 and due_at <= now() + interval '1 millisecond'
      and lost_leases ${isCrashSuspect ? '>' : '<='} 1
    order by due_at
    limit $2
    for update skip locked
  ),
  taken as (
    delete from queued_deliveries where ctid = any (array(select row_ctid from due)) returning delivery_id, lost_leases
  ),
  leased as materialized (
    select id, template_id, user_id, payload_id, own_payload, attempt_count, traceparent,
           notification_id::text,
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
         leased.traceparent,
         greatest(extract(epoch from now() - leased.due_at), 0)::float8 as queued_seconds,
         users.*,
         leased.notification_id,
         leased.is_expired,
         case when row_number() over () = 1 then (
           select jsonb_object_agg(id, jsonb_build_array(title_template, body_template, ${templateFactsSql('templates')}))
           from templates where id = any (array(select distinct template_id from leased))
         ) end as templates,
         case when row_number() over () = 1 then (
           select jsonb_object_agg(id, content) from payloads
           where id = any (array(select distinct payload_id from leased))
         ) end as payloads,
         case when row_number() over () = 1 then ${factsSql(
           'array(select user_id from leased)',
           'array(select distinct template_id from leased)',
           true,
         )} end as facts
  from leased
  cross join lateral (
    select ${userColumnsSql('users')}, status = 'suspended' as is_suspended, email_notifications
    from users where id = leased.user_id limit 1
  ) as users
  order by leased.due_at, leased.id`;

/**
 * Leases due deliveries, either those that are suspected of crashing nodes or the others. The invariant: a delivery
 * moves from the queue to the lease in one statement, so that no two nodes hold it. Measured by bench `webhooks`.
 */
export const leaseDeliveries = ({ isCrashSuspect }: { readonly isCrashSuspect: boolean }) =>
  statement<LeasedRow>()({
    name: isCrashSuspect ? 'lease_crash_suspects' : 'lease_deliveries',
    text: leaseText(isCrashSuspect),
    values: ({ id, method, count, notifier, periodMs, ttlMs }: LeaseParameters) => [
      method,
      count,
      id,
      notifier,
      periodMs,
      ttlMs,
    ],
  });
