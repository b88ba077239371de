import type { Queryable } from '../database/database.ts';
import { type Lease, quickCommit, unsettledSql, unsettledStatuses } from './lease.ts';
import type { Verdict } from './retry.ts';

/** What is to be stored of one message. */
export interface Result {
  readonly id: string;
  readonly lease: Pick<Lease, 'id'>;
  readonly verdict: Verdict;
}

const longestReason = 1000;

/**
 * Stores results and ends leases; results of leases that are over by now are left out. Returns how many were stored.
 * @param endedLeases the ids of those whose last results these are
 */
export async function settle(
  db: Queryable,
  results: readonly Result[],
  endedLeases: readonly string[] = [],
): Promise<number> {
  const anyDueAgain = results.some(({ verdict: { status } }) => unsettledStatuses.includes(status));
  const [settled] = await db.query<{ readonly count: number }>({
    name: anyDueAgain ? 'settle_deliveries_some_due_again' : 'settle_deliveries',
    text: anyDueAgain ? someDueAgainText : allEndedText,
    // What needs no quotes is written as text, which is faster; of what nobody has, nothing.
    values: [
      `{${results.map(({ id }) => id)}}`,
      `{${results.map(({ lease }) => lease.id)}}`,
      `{${results.map(({ verdict }) => verdict.status)}}`,
      results.some(({ verdict }) => 'reason' in verdict)
        ? results.map(({ verdict }) => ('reason' in verdict ? storableReason(verdict.reason) : null))
        : [],
      results.some(({ verdict }) => 'retryMs' in verdict)
        ? results.map(({ verdict }) => ('retryMs' in verdict ? verdict.retryMs : null))
        : [],
      endedLeases,
    ],
  });
  return settled?.count ?? 0;
}

/** A reason may quote what a stranger's server said. */
function storableReason(reason: string): string {
  const text = reason.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
  return text.length <= longestReason ? text : `${text.slice(0, longestReason - 1)}…`.replace(/\p{Surrogate}/gu, '');
}

// The lease is locked first: as long as it is there, what it names is nobody else's. A statement whose answer got lost is
// run again, so what it did shows: in a status that is final, or in an id that its lease no longer names. Nothing but its
// key leads to a delivery, and a `case` keeps ids from being joined: of few results, as the planner believes them to be,
// each would be compared with each.
const settleText = (anyDueAgain: boolean) => `
  with held as materialized (
    select id, method${anyDueAgain ? ', delivery_ids' : ''} from delivery_leases
    where ${quickCommit} and id = any (array(select distinct unnest($2::uuid[]) union select unnest($6::uuid[])))
    for update
  ),
  ended as (
    delete from delivery_leases where id = any ($6::uuid[]) and id in (select id from held)
  ),${anyDueAgain ? queuedText : ''}
  settled as (
    update deliveries
    set status = result.status,
        status_reason = result.reason,
        attempt_count = attempt_count + (result.status <> 'pending')::int,
        next_retry_after = now() + result.retry_ms * interval '1 millisecond',
        updated_at = now()
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::float8[])
      as result (id, lease_id, status, reason, retry_ms)
    where deliveries.id = result.id and result.lease_id in (select id from held)
      and deliveries.status in ${unsettledSql}
      ${anyDueAgain ? `and (result.status not in ${unsettledSql} or result.id in (select id from again))` : ''}
    returning 1
  )
  select count(*) as count from settled`;

// It leaves its lease, so that it is at one place only.
const queuedText = `
  again as materialized (
    select result.*, held.method
    from unnest($1::uuid[], $2::uuid[], $3::text[], $5::float8[]) as result (id, lease_id, status, retry_ms)
    join held on held.id = result.lease_id
    where result.status in ${unsettledSql}
      and case when (result.lease_id, result.id) in (select id, unnest(delivery_ids) from held) then true end
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method, status, due_at)
    select again.id, again.method, again.status,
           coalesce(now() + again.retry_ms * interval '1 millisecond', delivery.next_retry_after, delivery.created_at)
    from again
    cross join lateral (select next_retry_after, created_at from deliveries where id = again.id limit 1) as delivery
    on conflict (delivery_id) do nothing
  ),
  left_leases as (
    update delivery_leases
    set delivery_ids = array(
      select unnest(delivery_ids) except select again.id from again where again.lease_id = delivery_leases.id
    )
    where id in (select lease_id from again) and id <> all ($6::uuid[])
  ),`;

const allEndedText = settleText(false);
const someDueAgainText = settleText(true);
