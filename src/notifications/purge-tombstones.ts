import type { Logger } from 'pino';
import type { ServicePrisma } from '../database/prisma.ts';
import { repeatEvery } from '../promises.ts';
import type { NotificationMethods } from './sql/methods.ts';
import { recipientsOf } from './versions.ts';

/** Milliseconds between purges. */
const purgeIntervalMs = 60 * 60 * 1000;
/** Maximum number of inboxes purged in one transaction, because writers wait for their locks. */
const inboxesAtOnce = 200;
/** Maximum number of tombstones purged in one transaction, for the same reason. */
const tombstonesAtOnce = 10_000;

/** Purges old tombstones periodically. Returns a function that stops it. */
export function startTombstonePurge(
  prisma: ServicePrisma<NotificationMethods>,
  retentionDays: number,
  log: Pick<Logger, 'error'>,
): () => void {
  return repeatEvery(
    purgeIntervalMs,
    () => purgeTombstones(prisma, retentionDays),
    (err) => log.error({ err }, 'failed to purge tombstones'),
  );
}

/**
 * Purges tombstones older than the retention, and records the highest purged version in each inbox: followers with an
 * older cursor get a reset. Several nodes may do this at the same time. Returns the number of purged tombstones.
 */
export async function purgeTombstones(
  prisma: ServicePrisma<NotificationMethods>,
  retentionDays: number,
  atOnce: number = tombstonesAtOnce,
): Promise<number> {
  let purged = 0;
  for (;;) {
    const found = await prisma.inbox.toPurge(retentionDays, inboxesAtOnce);
    if (found.length === 0) return purged;
    const recipients = recipientsOf(found);
    purged += await prisma.$statements(async ({ inbox }) => {
      await inbox.lockOwn(recipients);
      const [forgotten] = await inbox.purgeTombstones(recipients, retentionDays, atOnce);
      return forgotten?.count ?? 0;
    });
  }
}
