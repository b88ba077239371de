import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';

/** How often old deletions are forgotten. */
const purgeIntervalMs = 60 * 60 * 1000;
/** Inboxes purged in one transaction: their locks keep writers waiting. */
const inboxesAtOnce = 200;
/** Deletions forgotten in one transaction, for the same reason. */
const tombstonesAtOnce = 10_000;

/** Forgets old deletions from time to time, until what it answers is called. */
export function startTombstonePurge(db: Database, retentionDays: number, log: Pick<Logger, 'error'>): () => void {
  const timer = setInterval(() => {
    purgeTombstones(db, retentionDays).catch((err: unknown) => {
      log.error({ err }, 'old deletions could not be forgotten');
    });
  }, purgeIntervalMs);
  return () => clearInterval(timer);
}

/**
 * Forgets deletions older than so many days, noting in each inbox how far: whoever comes back with a cursor from before
 * that is told to read the inbox again. May be repeated, by several nodes at once. Returns how many were forgotten.
 */
export async function purgeTombstones(
  db: Database,
  retentionDays: number,
  atOnce: number = tombstonesAtOnce,
): Promise<number> {
  let purged = 0;
  for (;;) {
    const found = await db.query<{ recipient_id: string }>({
      name: 'inboxes_to_purge',
      text: `select distinct recipient_id from notification_tombstones
             where deleted_at < now() - $1::int * interval '1 day' limit $2`,
      values: [retentionDays, inboxesAtOnce],
    });
    if (found.length === 0) return purged;
    const recipients = found.map(({ recipient_id }) => recipient_id);
    purged += await db.transaction(async (transaction) => {
      // The same order as every writer's.
      await transaction.query({
        name: 'lock_inboxes_to_purge',
        text: `select from inboxes where recipient_id = any ($1::uuid[]) order by recipient_id for no key update`,
        values: [recipients],
      });
      const [forgotten] = await transaction.query<{ count: number }>({
        name: 'purge_tombstones',
        text: purgeText,
        values: [recipients, retentionDays, atOnce],
      });
      return forgotten?.count ?? 0;
    });
  }
}

// Versions go up and clocks may not: what is forgotten is everything up to the newest version that is old enough, of as
// many as one transaction takes.
const purgeText = `
  with old as (
    select recipient_id, max(version) as version from (
      select recipient_id, version from notification_tombstones
      where recipient_id = any ($1::uuid[]) and deleted_at < now() - $2::int * interval '1 day'
      order by recipient_id, version limit $3::bigint
    ) as first
    group by recipient_id
  ),
  noted as (
    update inboxes set purged_version = greatest(purged_version, old.version)
    from old where inboxes.recipient_id = old.recipient_id
  ),
  forgotten as (
    delete from notification_tombstones as tombstone using old
    where tombstone.recipient_id = old.recipient_id and tombstone.version <= old.version
    returning 1
  )
  select count(*) as count from forgotten`;
