import type { Queryable } from '../database/database.ts';
import { unsettledSql } from './lease.ts';
import { lowestId, lowestIdOfSql } from './payload.ts';

/** Key of the advisory lock by which only one node purges at a time. */
const lockKey = 7_461_005;
const batchSize = 5000;

interface Purged {
  readonly count: number;
  /** Id to continue from; null after the last row. */
  readonly last: string | null;
}

/**
 * Deletes deliveries that have had a final status for `retentionDays`, and shared payloads of the same age that no delivery
 * references. Deliveries that are still to be sent are kept, whatever their age.
 * @returns the number of deleted deliveries; 0 if another node is purging
 */
export async function purgeDeliveries(
  db: Queryable,
  retentionDays: number,
  isStopping: () => boolean = () => false,
): Promise<number> {
  const purge = async (name: string, text: string) => {
    let purged = 0;
    for (let after = lowestId; ; ) {
      const values = [lockKey, retentionDays, batchSize, after];
      const [deleted] = await db.query<Purged>({ name, text, values });
      purged += deleted?.count ?? 0;
      const last = deleted?.last ?? null;
      if (last === null || isStopping()) return purged;
      after = last;
    }
  };
  const purged = await purge('purge_deliveries', purgeText);
  if (!isStopping()) await purge('purge_payloads', purgePayloadsText);
  return purged;
}

// Ids begin with their creation time, so a range of the primary key holds all rows that may be old enough.
const oldestKept = lowestIdOfSql(`now() - $2::int * interval '1 day'`);

const alone = 'alone as materialized (select pg_try_advisory_xact_lock($1) as is_alone)';

const lookedAt = (table: string) => `looked as materialized (
    select id from ${table}
    where (select is_alone from alone) and id > $4::uuid and id < ${oldestKept}
    order by id limit $3
  )`;
const counted = `
  select (select count(*) from deleted) as count, (select id from looked order by id offset $3::int - 1 limit 1) as last`;

// A payload is stored together with its deliveries, whose ids begin with the same time. One without deliveries never gets any.
const purgePayloadsText = `
  with ${alone},
  ${lookedAt('payloads')},
  deleted as (
    delete from payloads
    where id = any (array(select id from looked))
      and not exists (
        select from deliveries
        where payload_id = payloads.id
          and id between (left(payloads.id::text, 13) || '-0000-0000-000000000000')::uuid
                     and (left(payloads.id::text, 13) || '-ffff-ffff-ffffffffffff')::uuid
      )
    returning 1
  )
  ${counted}`;

// A delivery that is retried on request meanwhile is either locked or no longer has a final status.
const purgeText = `
  with ${alone},
  ${lookedAt('deliveries')},
  old as materialized (
    select id from deliveries
    where id = any (array(select id from looked)) and status not in ${unsettledSql}
      and coalesce(updated_at, created_at) < now() - $2::int * interval '1 day'
    for update skip locked
  ),
  deleted as (
    delete from deliveries where id = any (array(select id from old)) returning 1
  )
  ${counted}`;
