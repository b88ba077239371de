import type { Logger } from 'pino';
import type { Queryable } from '../database/database.ts';
import { uuids } from '../notifications/versions.ts';
import { promiseWithResolvers } from '../promises.ts';
import { type Lease, quickCommit, unsettledStatuses } from './lease.ts';
import type { Updates } from './metrics.ts';
import type { Verdict } from './retry.ts';

/** What is to be stored of one message. */
export interface Result {
  readonly id: string;
  readonly leaseId: string;
  readonly verdict: Verdict;
}

/** A result that is not stored yet. */
export interface NewResult {
  readonly id: string;
  readonly lease: Lease;
  readonly verdict: Verdict;
  /** Called when it is stored, or given up because the dispatcher stops and the database does not answer. */
  readonly onStored: () => void;
}

/** Writes results, many at once: those that come while some are written are written together after them. */
export interface Settler {
  /** Of each row of a lease once; a lease ends with the last of them. */
  add(result: NewResult): void;
  /** So many rows of a lease were settled by somebody else. */
  skip(lease: Lease, count: number): void;
  /** Somebody waits for what was added: it is stored without waiting for more. */
  hurry(): void;
  /** Stores what there is, for as long as `timeoutMs` at most. What it gives up is sent again when its lease ends. */
  stop(timeoutMs: number): Promise<void>;
}

const batch = 3000;
/**
 * Between the beginnings of two statements, unless a batch is full or waited for: what a crash forgets is sent twice, and
 * each statement has its price.
 */
const gatherMs = 80;
const longestReason = 1000;
/** Between two tries while the database does not answer. */
const retryMs = 500;

export function createSettler({
  db,
  log,
  updates,
}: {
  readonly db: Queryable;
  readonly log: Logger;
  /** Kept up to date. */
  readonly updates: Updates;
}): Settler {
  let waiting: NewResult[] = [];
  let ended: string[] = [];
  let flushing: Promise<void> | undefined;
  let giveUp: AbortSignal | undefined;
  let gathered: (() => void) | undefined;

  /** Waits for more to store together: for a while, until a batch is full, or somebody waits for it. */
  const gather = async (ms: number) => {
    if (ms <= 0 || waiting.length >= batch || giveUp !== undefined) return;
    const { promise, resolve } = promiseWithResolvers<void>();
    const timer = setTimeout(resolve, ms);
    gathered = resolve;
    await promise;
    clearTimeout(timer);
    gathered = undefined;
  };
  let last = Number.NEGATIVE_INFINITY;
  const count = (lease: Lease, rows: number) => {
    lease.unsettled -= rows;
    if (lease.unsettled === 0) ended.push(lease.id);
  };
  const flush = async () => {
    while (waiting.length + ended.length > 0) {
      // The first result after a quiet moment is stored at once; the many of a busy one come together.
      await gather(last + gatherMs - performance.now());
      last = performance.now();
      const taken = waiting.splice(0, batch);
      for (const { lease } of taken) count(lease, 1);
      await store(
        taken.map(({ id, lease, verdict }) => ({ id, leaseId: lease.id, verdict })),
        ended.splice(0),
      );
      updates.pending -= taken.length;
      for (const { onStored } of taken) onStored();
    }
    // In the same turn in which there was nothing more: what comes after it begins anew.
    flushing = undefined;
  };
  const store = async (results: readonly Result[], endedLeases: readonly string[]) => {
    while (!giveUp?.aborted) {
      try {
        await settle(db, results, endedLeases);
        updates.synced += results.length;
        return;
      } catch (error) {
        log.error({ err: error, results: results.length }, 'results of deliveries could not be stored');
        await pause(retryMs, giveUp);
      }
    }
  };

  const flushSoon = () => {
    if (waiting.length + ended.length > 0) flushing ??= flush();
  };

  return {
    add(result) {
      waiting.push(result);
      updates.pending += 1;
      if (waiting.length >= batch) gathered?.();
      flushSoon();
    },
    skip(lease, rows) {
      count(lease, rows);
      flushSoon();
    },
    hurry: () => gathered?.(),
    async stop(timeoutMs) {
      giveUp = AbortSignal.timeout(timeoutMs);
      gathered?.();
      await flushing;
      waiting = [];
      ended = [];
    },
  };
}

/**
 * Stores results and ends leases; results of leases that are over by now are left out. Returns how many were stored.
 * @param endedLeases the ids of those whose last results these are
 */
export async function settle(
  db: Queryable,
  results: readonly Result[],
  endedLeases: readonly string[] = [],
): Promise<number> {
  const anyDueAgain = results.some(({ verdict: { status } }) => status === 'pending' || status === 'temporary_failure');
  const [settled] = await db.query<{ readonly count: number }>({
    name: anyDueAgain ? 'settle_deliveries_some_due_again' : 'settle_deliveries',
    text: anyDueAgain ? someDueAgainText : allEndedText,
    // What needs no quotes is written as text, which is faster; of what nobody has, nothing.
    values: [
      `{${results.map(({ id }) => id)}}`,
      `{${results.map(({ leaseId }) => leaseId)}}`,
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

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

// The lease is locked first: as long as it is there, what it names is nobody else's. Rows are named by key and by nothing
// else of their own: of the few that the planner believes there are it would read all, for every result.
const settleText = (anyDueAgain: boolean) => `
  with held as materialized (
    select id, method from delivery_leases
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
    where deliveries.id = any (${uuids('$1')}) and deliveries.id = result.id and result.lease_id in (select id from held)
    returning 1
  )
  select count(*) as count from settled`;

// It leaves its lease, so that it is at one place only.
const queuedText = `
  again as materialized (
    select result.*, held.method
    from unnest($1::uuid[], $2::uuid[], $3::text[], $5::float8[]) as result (id, lease_id, status, retry_ms)
    join held on held.id = result.lease_id
    where result.status in ${unsettledStatuses}
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
