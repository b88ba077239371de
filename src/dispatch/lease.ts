import { v4 as uuid } from 'uuid';
import type { Queryable } from '../database/database.ts';
import { isPausedSql } from '../settings/read.ts';
import type { TemplateTexts } from '../templates/model.ts';
import type { MethodName } from './outbox.ts';
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
}

/** What many rows have in common is read with the first of them. */
interface ReadRow extends UserPayload {
  readonly id: string;
  readonly template_id: string | null;
  readonly title_template: string | null;
  readonly body_template: string | null;
  readonly payload_id: string | null;
  readonly shared_payload: object | null;
  readonly own_payload: object | null;
  readonly attempt_count: number;
  readonly queued_seconds: number;
  readonly is_disabled: boolean;
}

/** What one statement leased. Whoever writes a result shows the id: another node may have leased the rows since. */
export interface Lease {
  readonly id: string;
  readonly rows: readonly LeasedRow[];
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
}

/**
 * Takes up to `count` messages that are due, those due longest first; never one that another node is taking or holds,
 * and none while the notifier is paused.
 * All times are the database's, so that the clocks of nodes need not agree.
 */
export async function leaseMessages(
  db: Queryable,
  { method, count, notifier, periodMs }: LeaseRequest,
): Promise<Lease> {
  const id = uuid();
  const start = performance.now();
  const rows = await db.query<ReadRow>({
    name: 'lease_deliveries',
    text: leaseText,
    values: [method, count, id, notifier, periodMs],
  });
  return { id, rows: assemble(rows), expiresAt: start + periodMs };
}

function assemble(rows: readonly ReadRow[]): LeasedRow[] {
  const templates = new Map<string | null, TemplateTexts>();
  const payloads = new Map<string | null, object>();
  for (const { template_id, title_template, body_template, payload_id, shared_payload } of rows) {
    if (template_id !== null && title_template !== null && body_template !== null) {
      templates.set(template_id, { id: template_id, titleTemplate: title_template, bodyTemplate: body_template });
    }
    if (shared_payload !== null) payloads.set(payload_id, shared_payload);
  }
  return rows.map((row) => {
    const shared = payloads.get(row.payload_id);
    const { id, template_id, own_payload, user_id, user_email, user_name, user_username } = row;
    return {
      id,
      template_id,
      template: templates.get(template_id) ?? null,
      payload: own_payload === null ? shared : { ...shared, ...own_payload },
      user: { user_id, user_email, user_name, user_username },
      attempt_count: row.attempt_count,
      queued_seconds: row.queued_seconds,
      is_disabled: row.is_disabled,
    };
  });
}

// A lease or a result that a crash of the database forgets costs a second sending, which is what leases allow for.
// Waiting for the disk would cost more than everything else in these statements.
export const quickCommit = `(select set_config('synchronous_commit', 'off', true)) = 'off'`;

// Times are stored in milliseconds, rounded: what was enqueued just now may lie half of one ahead. Rows and users are
// named by key: how many of a young table there are the planner does not know, and it would read all of it.
const leaseText = `
  with due as materialized (
    select delivery_id
    from queued_deliveries
    where ${quickCommit} and not ${isPausedSql} and method = $1 and due_at <= now() + interval '1 millisecond'
      and (leased_until is null or leased_until <= now())
    order by due_at
    limit $2
    for no key update skip locked
  ),
  taken as (
    update queued_deliveries
    set status = 'leased', lease_id = $3::uuid, leased_by = $4,
        leased_until = now() + $5::float8 * interval '1 millisecond'
    where delivery_id = any (array(select delivery_id from due))
    returning delivery_id
  )
  select leased.id, leased.template_id, leased.payload_id, leased.own_payload, leased.attempt_count,
         greatest(extract(epoch from now() - leased.due_at), 0)::float8 as queued_seconds,
         case when leased.of_template = 1 then templates.title_template end as title_template,
         case when leased.of_template = 1 then templates.body_template end as body_template,
         case when leased.of_payload = 1 then payloads.content end as shared_payload,
         users.*,
         coalesce(preferences.disabled, false) as is_disabled
  from (
    select *, coalesce(next_retry_after, created_at) as due_at,
           row_number() over (partition by template_id) as of_template,
           row_number() over (partition by payload_id) as of_payload
    from deliveries
    where id = any (array(select delivery_id from taken))
  ) as leased
  cross join lateral (select ${userColumnsSql('users')} from users where id = leased.user_id limit 1) as users
  left join templates on templates.id = leased.template_id and leased.of_template = 1
  left join payloads on payloads.id = leased.payload_id and leased.of_payload = 1
  left join preferences on preferences.template_id = leased.template_id and preferences.user_id = leased.user_id
  order by leased.due_at, leased.id`;
