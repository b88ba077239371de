import type { Queryable } from '../database/database.ts';

/** Names the lock that leaves the purge to one of several nodes. */
const lockKey = 7_461_005;
const batch = 5000;

/**
 * Deletes what nothing has happened to for so many days, whatever its status: also what was never leased, as during
 * a long pause. Returns how many; 0 while another node is at it.
 */
export async function purgeDeliveries(
  db: Queryable,
  retentionDays: number,
  isStopping: () => boolean = () => false,
): Promise<number> {
  let purged = 0;
  for (;;) {
    const [deleted] = await db.query<{ count: number }>({
      name: 'purge_deliveries',
      text: purgeText,
      values: [lockKey, retentionDays, batch],
    });
    const count = deleted?.count ?? 0;
    purged += count;
    if (count < batch || isStopping()) return purged;
  }
}

// Ids begin with the time at which they were made, so what may be old enough is found by the key.
const purgeText = `
  with alone as materialized (select pg_try_advisory_xact_lock($1) as is_alone),
  old as (
    select id from deliveries
    where (select is_alone from alone)
      and id < (
        lpad(to_hex((extract(epoch from now() - $2::int * interval '1 day') * 1000)::bigint), 12, '0') || repeat('0', 20)
      )::uuid
      and coalesce(updated_at, created_at) < now() - $2::int * interval '1 day'
    limit $3
    for update skip locked
  ),
  deleted as (
    delete from deliveries using old where deliveries.id = old.id returning 1
  )
  select count(*) as count from deleted`;
