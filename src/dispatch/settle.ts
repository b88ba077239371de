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

/** What storing results came to. */
export interface Settled {
  /** How many results were stored. */
  readonly stored: number;
  /** Messages of the ended leases whose results had been stored before and were lost since; they are in the queue again. */
  readonly forgotten: number;
}

/**
 * Stores results and ends leases; results of leases that are over by now are left out. A lease ends by what is stored:
 * whatever of it has no result in the database goes back into the queue, also what this node stored before. Commits of
 * results are asynchronous, so a crash of the database, or a failover, loses the last of them.
 * @param endedLeases the ids of those whose last results these are
 */
export async function settle(
  db: Queryable,
  results: readonly Result[],
  endedLeases: readonly string[] = [],
): Promise<Settled> {
  const anyDueAgain = results.some(({ verdict: { status } }) => unsettledStatuses.includes(status));
  const statement = statements[`${anyDueAgain}-${endedLeases.length > 0}`];
  const [settled] = await db.query<Settled>({
    ...statement,
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
  return settled ?? { stored: 0, forgotten: 0 };
}

/**
 * These messages had results, but after their leases were over: a node lived on with them, so those leases do not count
 * as lost.
 */
export async function forgiveLostLeases(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query({ name: 'forgive_lost_leases', text: forgiveText, values: [ids] });
}

/** A reason may quote what a stranger's server said. */
function storableReason(reason: string): string {
  const text = reason.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
  return text.length <= longestReason ? text : `${text.slice(0, longestReason - 1)}…`.replace(/\p{Surrogate}/gu, '');
}

// The lease is locked first: as long as it is there, what it names is nobody else's. A statement whose answer got lost is
// run again, so what it did shows: in a status that is final, or in an id that its lease no longer names. Deliveries are
// found by their key only, and a `case` keeps ids from being joined: of few results, as the planner believes them to be,
// each would be compared with each. The many ids of a lease are kept out of what each result looks at.
const settleText = (anyDueAgain: boolean, anyEnded: boolean) => `
  with locked as materialized (
    select id, method, lost_leases${anyDueAgain || anyEnded ? ', delivery_ids' : ''} from delivery_leases
    where ${quickCommit} and id = any (array(select distinct unnest($2::uuid[]) union select unnest($6::uuid[])))
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
        updated_at = now()
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::float8[])
      as result (id, lease_id, status, reason, retry_ms)
    where deliveries.id = result.id and result.lease_id in (select id from held)
      and deliveries.status in ${unsettledSql}
      ${anyDueAgain ? `and (result.status not in ${unsettledSql} or result.id in (select id from again))` : ''}
    returning 1
  )
  select (select count(*) from settled) as stored, ${anyEnded ? '(select count(*) from put_back)' : '0'} as forgotten`;

// It leaves its lease, so that it is at one place only. A result shows that the message does not end its node; one that
// is given back has none, and keeps its count of lost leases.
const queuedText = `
  again as materialized (
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
    select again.id, again.method, again.status,
           coalesce(now() + again.retry_ms * interval '1 millisecond', delivery.next_retry_after, delivery.created_at),
           again.lost_leases
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

// All that the ended leases name, but for what this statement stores itself: it does not see that. Of what another
// statement settled while this one waited for the lease it may put some back; the next lease passes over those.
const endedText = `
  ended as (
    delete from delivery_leases where id = any ($6::uuid[]) and id in (select id from held)
  ),
  settled_before as (
    select id
    from (select id as lease_id, unnest(delivery_ids) as id from locked where id = any ($6::uuid[])) as named
    where (lease_id, id) not in (select * from unnest($2::uuid[], $1::uuid[]))
  ),
  put_back as (
    insert into queued_deliveries (delivery_id, method, status, due_at)
    select id, method, status, coalesce(next_retry_after, created_at) from deliveries
    where id = any (array(select id from settled_before)) and status in ${unsettledSql}
    on conflict (delivery_id) do nothing
    returning 1
  ),`;

const statements = {
  'false-false': { name: 'settle_deliveries', text: settleText(false, false) },
  'false-true': { name: 'settle_deliveries_and_leases', text: settleText(false, true) },
  'true-false': { name: 'settle_deliveries_some_due_again', text: settleText(true, false) },
  'true-true': { name: 'settle_deliveries_some_due_again_and_leases', text: settleText(true, true) },
} as const;

const forgiveText = `
  with queued as (
    update queued_deliveries set lost_leases = 0 where delivery_id = any ($1::uuid[]) and lost_leases > 0
  )
  update delivery_leases set lost_leases = lost_leases - $1::text[] where lost_leases ?| $1::text[]`;
