import { v4 as uuid } from 'uuid';
import type { Queryable } from '../database/database.ts';
import { isPausedSql } from '../settings/read.ts';
import type { MethodName } from './outbox.ts';

/** A message that this node may send until the lease ends, and what it is made from. */
export interface LeasedRow {
  readonly id: string;
  readonly template_id: string | null;
  readonly payload: unknown;
  /** Attempts that ended before this one. */
  readonly attempt_count: number;
  /** How long it was due before it was leased. */
  readonly queued_seconds: number;
  readonly title_template: string | null;
  readonly body_template: string | null;
  /** The user disabled the template after this was enqueued. */
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
  const rows = await db.query<LeasedRow>({
    name: 'lease_deliveries',
    text: leaseText,
    values: [method, count, id, `leased by ${notifier}`, periodMs],
  });
  return { id, rows, expiresAt: start + periodMs };
}

// The words of the index `deliveries_due_idx`: a statement uses it only when it says the same.
const isOpen = `status in ('pending', 'temporary_failure', 'leased')`;
const dueAt = 'coalesce(leased_until, next_retry_after, created_at)';

// A lease or a result that a crash of the database forgets costs a second sending, which is what leases allow for.
// Waiting for the disk would cost more than everything else in these statements.
export const quickCommit = `(select set_config('synchronous_commit', 'off', true)) = 'off'`;

// Times are stored in milliseconds, rounded: what was enqueued just now may lie half of one ahead.
const leaseText = `
  with due as (
    select id, ${dueAt} as due_at
    from deliveries
    where ${quickCommit} and not ${isPausedSql} and method = $1 and ${isOpen} and ${dueAt} <= now() + interval '1 millisecond'
    order by ${dueAt}
    limit $2
    for update skip locked
  ),
  leased as (
    update deliveries
    set status = 'leased', status_reason = $4, lease_id = $3::uuid, next_retry_after = null,
        leased_until = now() + $5::float8 * interval '1 millisecond', updated_at = now()
    from due
    where deliveries.id = due.id
    returning deliveries.id, deliveries.template_id, deliveries.user_id, deliveries.payload,
              deliveries.attempt_count, due.due_at
  )
  select leased.id, leased.template_id, leased.payload, leased.attempt_count,
         greatest(extract(epoch from now() - leased.due_at), 0)::float8 as queued_seconds,
         templates.title_template, templates.body_template,
         coalesce(preferences.disabled, false) as is_disabled
  from leased
  left join templates on templates.id = leased.template_id
  left join preferences on preferences.template_id = leased.template_id and preferences.user_id = leased.user_id
  order by leased.due_at, leased.id`;
