import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../database/database.ts';
import { unsettledSql } from './lease.ts';
import { lowestId } from './payload.ts';

/** Key of the advisory lock by which only one node runs a step at a time. */
const lockKey = 7_461_006;
const stepRows = 10_000;
/** Rest between two steps, as a multiple of how long the last one took. */
const restFactor = 2;

/** What a sweep found. */
export interface Swept {
  /** Number of deliveries that were in neither the queue nor a lease, and are queued now. */
  readonly orphans: number;
  /** All deliveries with lower ids had a final status. */
  readonly settledBefore: string;
}

interface Step {
  readonly orphans: number;
  /** Id to continue from; null after the last row. */
  readonly last: string | null;
  readonly first_unsettled: string | null;
}

/**
 * Queues unsettled deliveries that are in neither the queue nor a lease. Goes through the primary key in steps.
 * @param from the id to begin at; default: the first
 * @returns undefined if the signal aborted it or another node is sweeping
 */
export async function sweepOrphans(
  db: Pick<Database, 'transaction'>,
  { from = lowestId, signal }: { readonly from?: string | undefined; readonly signal: AbortSignal },
): Promise<Swept | undefined> {
  let orphans = 0;
  let settledBefore: string | undefined;
  for (let after = from; ; ) {
    const begin = performance.now();
    const step = await sweepStep(db, after);
    if (step === undefined) return undefined;
    orphans += step.orphans;
    settledBefore ??= step.first_unsettled ?? undefined;
    if (step.last === null) return { orphans, settledBefore: settledBefore ?? after };
    after = step.last;
    const restMs = Math.max(10, restFactor * (performance.now() - begin));
    await delay(restMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return undefined;
  }
}

/**
 * A delivery moves between queue, lease and final status within one transaction, so a snapshot shows it in exactly one of
 * them. The lock is taken by a statement of its own, before the snapshot of the next one: with an older snapshot, a delivery
 * that another sweep has queued and a node has leased since could be queued a second time.
 */
function sweepStep(db: Pick<Database, 'transaction'>, after: string): Promise<Step | undefined> {
  return db.transaction(async (transaction) => {
    const [lock] = await transaction.query<{ readonly is_alone: boolean }>({
      name: 'lock_sweep',
      text: 'select pg_try_advisory_xact_lock($1) as is_alone',
      values: [lockKey],
    });
    if (!lock?.is_alone) return undefined;
    const [step] = await transaction.query<Step>({ name: 'sweep_orphans', text: stepText, values: [after, stepRows] });
    return step;
  });
}

const stepText = `
  with step as materialized (
    select id, method, status, next_retry_after, created_at from deliveries where id >= $1::uuid order by id limit $2::int + 1
  ),
  unsettled as materialized (
    select * from (select * from step order by id limit $2) as step where status in ${unsettledSql}
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method, status, due_at)
    select id, method, status, coalesce(next_retry_after, created_at)
    from unsettled
    cross join lateral (
      select exists (select from queued_deliveries where delivery_id = unsettled.id) as is_queued offset 0
    ) as queue
    where not is_queued and id not in (select unnest(delivery_ids) from delivery_leases)
    on conflict (delivery_id) do nothing
    returning 1
  )
  select (select count(*) from queued) as orphans,
         (select id from step order by id offset $2 limit 1) as last,
         (select id from unsettled order by id limit 1) as first_unsettled`;
