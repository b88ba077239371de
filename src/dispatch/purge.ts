import type { Queryable } from '../database/database.ts';

/** Names the lock that leaves the purge to one of several nodes. */
const lockKey = 7_461_005;
const batch = 5000;

/**
 * Deletes what nothing has happened to for so many days, whatever its status: also what was never leased, as during
 * a long pause; and shared payloads as old that no delivery needs any more. Returns how many deliveries; 0 while
 * another node is at it.
 */
export async function purgeDeliveries(
  db: Queryable,
  retentionDays: number,
  isStopping: () => boolean = () => false,
): Promise<number> {
  const purge = async (name: string, text: string) => {
    let purged = 0;
    for (;;) {
      const [deleted] = await db.query<{ count: number }>({ name, text, values: [lockKey, retentionDays, batch] });
      const count = deleted?.count ?? 0;
      purged += count;
      if (count < batch || isStopping()) return purged;
    }
  };
  const purged = await purge('purge_deliveries', purgeText);
  if (!isStopping()) await purge('purge_payloads', purgePayloadsText);
  return purged;
}

// Ids begin with the time at which they were made, so what may be old enough is found by the key.
const oldestKept = `(
  lpad(to_hex((extract(epoch from now() - $2::int * interval '1 day') * 1000)::bigint), 12, '0') || repeat('0', 20)
)::uuid`;

const alone = 'alone as materialized (select pg_try_advisory_xact_lock($1) as is_alone)';

// A payload is stored together with its deliveries, whose ids begin with the same time: one that has none gets none later.
const purgePayloadsText = `
  with ${alone},
  deleted as (
    delete from payloads
    where id in (
      select id from payloads
      where (select is_alone from alone) and id < ${oldestKept}
        and not exists (
          select from deliveries
          where payload_id = payloads.id
            and id between (left(payloads.id::text, 13) || '-0000-0000-000000000000')::uuid
                       and (left(payloads.id::text, 13) || '-ffff-ffff-ffffffffffff')::uuid
        )
      limit $3
    )
    returning 1
  )
  select count(*) as count from deleted`;

const purgeText = `
  with ${alone},
  old as (
    select id from deliveries
    where (select is_alone from alone) and id < ${oldestKept}
      and coalesce(updated_at, created_at) < now() - $2::int * interval '1 day'
    limit $3
    for update skip locked
  ),
  deleted as (
    delete from deliveries using old where deliveries.id = old.id returning 1
  )
  select count(*) as count from deleted`;
