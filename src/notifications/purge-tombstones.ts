import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';

/** Milliseconds between purges. */
const purgeIntervalMs = 60 * 60 * 1000;
/** Inboxes purged in one transaction; writers wait for their locks. */
const inboxesAtOnce = 200;
/** Tombstones purged in one transaction, for the same reason. */
const tombstonesAtOnce = 10_000;

/** Purges old tombstones periodically. Returns a function that stops it. */
export function startTombstonePurge(db: Database, retentionDays: number, log: Pick<Logger, 'error'>): () => void {
  const timer = setInterval(() => {
    purgeTombstones(db, retentionDays).catch((err: unknown) => {
      log.error({ err }, 'old deletions could not be forgotten');
    });
  }, purgeIntervalMs);
  return () => clearInterval(timer);
}

/**
 * Purges tombstones older than the retention, and records in each inbox up to which version: followers with an older
 * cursor get a reset. May be repeated, also by several nodes at once. Returns the number purged.
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
      // In the order used by all writers.
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

// Versions increase, but clocks may go back. Purges everything up to the newest version that is old enough, limited to
// one transaction.
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
