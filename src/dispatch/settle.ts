import type { Logger } from 'pino';
import type { Queryable } from '../database/database.ts';
import { promiseWithResolvers } from '../promises.ts';
import { quickCommit } from './lease.ts';
import type { Updates } from './metrics.ts';
import type { Verdict } from './retry.ts';

/** What is to be stored of one message. */
export interface Result {
  readonly id: string;
  readonly leaseId: string;
  readonly verdict: Verdict;
}

/** Writes results, many at once: those that come while some are written are written together after them. */
export interface Settler {
  /** `done` is called when it is stored, or given up because the dispatcher stops and the database does not answer. */
  add(result: Result, done: () => void): void;
  /** Stores what there is, for as long as `timeoutMs` at most. What it gives up is sent again when its lease ends. */
  stop(timeoutMs: number): Promise<void>;
}

const batch = 1000;
/** Between the beginnings of two statements, unless a batch is full: what a crash forgets is sent twice, and each
 * statement has its price. */
const gatherMs = 40;
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
  let waiting: { readonly result: Result; readonly done: () => void }[] = [];
  let flushing: Promise<void> | undefined;
  let giveUp: AbortSignal | undefined;
  let hurry: (() => void) | undefined;

  /** Waits for more to store together: for a while, until a batch is full, or until there will be no more. */
  const gather = async (ms: number) => {
    if (ms <= 0 || waiting.length >= batch || giveUp !== undefined) return;
    const { promise, resolve } = promiseWithResolvers<void>();
    const timer = setTimeout(resolve, ms);
    hurry = resolve;
    await promise;
    clearTimeout(timer);
    hurry = undefined;
  };
  let last = Number.NEGATIVE_INFINITY;
  const flush = async () => {
    while (waiting.length > 0) {
      // The first result after a quiet moment is stored at once; the many of a busy one come together.
      await gather(last + gatherMs - performance.now());
      last = performance.now();
      const taken = waiting.splice(0, batch);
      await store(taken.map(({ result }) => result));
      updates.pending -= taken.length;
      for (const { done } of taken) done();
    }
  };
  const store = async (results: readonly Result[]) => {
    while (!giveUp?.aborted) {
      try {
        await settle(db, results);
        updates.synced += results.length;
        return;
      } catch (error) {
        log.error({ err: error, results: results.length }, 'results of deliveries could not be stored');
        await pause(retryMs, giveUp);
      }
    }
  };

  return {
    add(result, done) {
      waiting.push({ result, done });
      updates.pending += 1;
      if (waiting.length >= batch) hurry?.();
      flushing ??= flush().finally(() => {
        flushing = undefined;
      });
    },
    async stop(timeoutMs) {
      giveUp = AbortSignal.timeout(timeoutMs);
      hurry?.();
      await flushing;
      waiting = [];
    },
  };
}

/** Stores results; those of rows that another lease holds by now are left out. Returns how many were stored. */
export async function settle(db: Queryable, results: readonly Result[]): Promise<number> {
  const [settled] = await db.query<{ readonly count: number }>({
    name: 'settle_deliveries',
    text: settleText,
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

// The lease is looked for in the queue, and only what was found there is written: who lost it changes nothing. Rows are
// named by key and by nothing else of their own: of the few that the planner believes there are it would read all, for
// every result.
const settleText = `
  with result as materialized (
    select *, status in ('pending', 'temporary_failure') as is_due_again
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::float8[])
      as result (id, lease_id, status, reason, retry_ms)
    where ${quickCommit}
  ),
  ended as (
    delete from queued_deliveries as queued using result
    where queued.delivery_id = any (array(select id from result where not is_due_again))
      and queued.delivery_id = result.id and queued.lease_id = result.lease_id
    returning queued.delivery_id
  ),
  kept as (
    update queued_deliveries as queued
    set status = result.status, due_at = coalesce(now() + result.retry_ms * interval '1 millisecond', due_at),
        lease_id = null, leased_by = null, leased_until = null
    from result
    where queued.delivery_id = any (array(select id from result where is_due_again))
      and queued.delivery_id = result.id and queued.lease_id = result.lease_id
    returning queued.delivery_id
  ),
  settled as (
    update deliveries
    set status = result.status,
        status_reason = result.reason,
        attempt_count = attempt_count + (result.status <> 'pending')::int,
        next_retry_after = now() + result.retry_ms * interval '1 millisecond',
        updated_at = now()
    from result
    where deliveries.id = any (array(select delivery_id from ended union all select delivery_id from kept))
      and deliveries.id = result.id
    returning 1
  )
  select count(*) as count from settled`;
