import type { Sql } from '../../database/sql.ts';
import { runOn } from '../../database/statement.ts';
import type { NewStatus } from '../delivery-status.ts';
import { unsettledStatuses } from '../delivery-status.ts';
import { asyncCommit, unsettledSql } from './fragments.ts';

/** The new status of a leased delivery. */
export interface StatusUpdate {
  readonly id: string;
  readonly lease: { readonly id: string };
  readonly newStatus: NewStatus;
}

/** The result of settling deliveries. */
export interface Settled {
  /** Number of updates that were stored. */
  readonly stored: number;
  /** Number of deliveries of the ended leases whose stored results the database lost; they are queued again. */
  readonly forgotten: number;
}

/** Maximum number of characters in a stored reason. */
const maxReasonLength = 1000;

// The lease is locked first: while it exists, no other node may hold its deliveries. The statement is run again if its
// answer was lost, so it must recognise what it has already stored: a final status, or an id that the lease no longer
// names. Deliveries are found by primary key only, and the CASE prevents a nested-loop join of ids, which the planner
// picks because it underestimates the rows. `held` omits the long array of ids of each lease, so that it is not read
// for every update.
const settleText = (anyDueAgain: boolean, anyEnded: boolean, hasRules: boolean) => `
  with locked as materialized (
    select id, method, lost_leases${anyDueAgain || anyEnded ? ', delivery_ids' : ''} from delivery_leases
    where ${asyncCommit} and id = any (array(select distinct unnest($2::uuid[]) union select unnest($6::uuid[])))
    for update
  ),
  held as materialized (
    select id, method, lost_leases from locked
  ),${anyDueAgain ? queuedText : ''}${anyEnded ? endedText : ''}
  settled as (
    update deliveries
    set status = result.status,
        status_reason = result.reason,
        attempt_count = attempt_count + (result.status <> 'pending')::int,
        next_retry_after = now() + result.retry_ms * interval '1 millisecond',
        updated_at = now()${hasRules ? rulesText : ''}
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::float8[]${hasRules ? ', $7::text[]' : ''})
      as result (id, lease_id, status, reason, retry_ms${hasRules ? ', rule' : ''})
    where deliveries.id = result.id and result.lease_id in (select id from held)
      and deliveries.status in ${unsettledSql}
      ${anyDueAgain ? `and (result.status not in ${unsettledSql} or result.id in (select id from requeued))` : ''}
    returning 1
  )
  select (select count(*) from settled) as stored, ${anyEnded ? '(select count(*) from forgotten)' : '0'} as forgotten`;

// The time in quiet hours does not count towards the age of a message.
const rulesText = `,
        rule = coalesce(result.rule, deliveries.rule),
        retried_at = case result.rule
          when 'quiet_hours' then now() + result.retry_ms * interval '1 millisecond' else retried_at
        end`;

// A delivery that is queued again is removed from its lease, so that it is in exactly one place. A result proves that
// the message does not crash its node and resets the count of lost leases; a delivery returned without a
// result keeps its count.
const queuedText = `
  requeued as materialized (
    select result.*, held.method,
           case result.status when 'pending' then coalesce((held.lost_leases ->> result.id::text)::smallint, 0) else 0 end
             as lost_leases
    from unnest($1::uuid[], $2::uuid[], $3::text[], $5::float8[]) as result (id, lease_id, status, retry_ms)
    join held on held.id = result.lease_id
    where result.status in ${unsettledSql}
      and case when (result.lease_id, result.id) in (select id, unnest(delivery_ids) from locked) then true end
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method, status, due_at, lost_leases)
    select requeued.id, requeued.method, requeued.status,
           coalesce(now() + requeued.retry_ms * interval '1 millisecond', delivery.next_retry_after, delivery.created_at),
           requeued.lost_leases
    from requeued
    cross join lateral (select next_retry_after, created_at from deliveries where id = requeued.id limit 1) as delivery
    on conflict (delivery_id) do nothing
  ),
  updated_leases as (
    update delivery_leases
    set delivery_ids = array(
      select unnest(delivery_ids) except select requeued.id from requeued where requeued.lease_id = delivery_leases.id
    )
    where id in (select lease_id from requeued) and id <> all ($6::uuid[])
  ),`;

// Checks all deliveries of the ended leases except those updated by this statement, whose changes it cannot see. A
// delivery settled by another statement while this one waited for the lock may be queued; the next lease ignores it.
const endedText = `
  ended as (
    delete from delivery_leases where id = any ($6::uuid[]) and id in (select id from held)
  ),
  settled_earlier as (
    select id
    from (select id as lease_id, unnest(delivery_ids) as id from locked where id = any ($6::uuid[])) as leased
    where (lease_id, id) not in (select * from unnest($2::uuid[], $1::uuid[]))
  ),
  forgotten as (
    insert into queued_deliveries (delivery_id, method, status, due_at)
    select id, method, status, coalesce(next_retry_after, created_at) from deliveries
    where id = any (array(select id from settled_earlier)) and status in ${unsettledSql}
    on conflict (delivery_id) do nothing
    returning 1
  ),`;

const statements = new Map<string, Pick<Sql, 'name' | 'text'>>();

/** The variant of the statement for some updates; each has a name of its own, by which it is prepared. */
function statementFor(anyDueAgain: boolean, anyEnded: boolean, hasRules: boolean) {
  const name = `settle_deliveries${anyDueAgain ? '_some_due_again' : ''}${anyEnded ? '_ending_leases' : ''}${hasRules ? '_with_rules' : ''}`;
  const known = statements.get(name);
  if (known !== undefined) return known;
  const variant = { name, text: settleText(anyDueAgain, anyEnded, hasRules) };
  statements.set(name, variant);
  return variant;
}

/**
 * Stores new statuses and ends leases: a method of the model, which picks the cheapest variant of the
 * statement. The invariant: the status, the queue and the lease change in one statement. Measured by bench `webhooks`.
 */
export function settleDeliveries(
  this: unknown,
  updates: readonly StatusUpdate[],
  endedLeases: readonly string[],
): Promise<Settled[]> {
  const anyDueAgain = updates.some(({ newStatus: { status } }) => unsettledStatuses.includes(status));
  const anyReason = updates.some(({ newStatus }) => 'reason' in newStatus);
  const hasRules = updates.some(({ newStatus }) => 'rule' in newStatus);
  const anyRetry = updates.some(({ newStatus }) => 'retryMs' in newStatus);
  return runOn<Settled>(this, {
    ...statementFor(anyDueAgain, endedLeases.length > 0, hasRules),
    // Array literals, where values need no quoting, are faster than letting the driver encode arrays. Columns that
    // are null for all updates are sent as empty arrays.
    values: [
      `{${updates.map(({ id }) => id)}}`,
      `{${updates.map(({ lease }) => lease.id)}}`,
      `{${updates.map(({ newStatus }) => newStatus.status)}}`,
      anyReason
        ? updates.map(({ newStatus }) => ('reason' in newStatus ? storableReason(newStatus.reason) : null))
        : [],
      anyRetry ? updates.map(({ newStatus }) => ('retryMs' in newStatus ? newStatus.retryMs : null)) : [],
      endedLeases,
      ...(hasRules ? [updates.map(({ newStatus }) => ('rule' in newStatus ? newStatus.rule : null))] : []),
    ],
  });
}

/** Reasons can quote text from receivers, which may contain characters that PostgreSQL cannot store. */
function storableReason(reason: string): string {
  const text = reason.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
  return text.length <= maxReasonLength
    ? text
    : `${text.slice(0, maxReasonLength - 1)}…`.replace(/\p{Surrogate}/gu, '');
}
