import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ServicePrisma } from '../database/prisma.ts';
import { repeatEvery } from '../promises.ts';
import type { Publisher, VersionRange } from './ranges.ts';
import type { NotificationMethods } from './sql/methods.ts';
import { rangesOf, recipientsOf } from './versions.ts';

/** What a purge needs. */
export interface PurgeContext {
  readonly prisma: ServicePrisma<NotificationMethods>;
  readonly bus: Publisher;
  readonly now: () => Date;
}

export interface PurgeOptions {
  readonly retentionDays: number;
  /** Maximum notifications of one transaction; writers to the same inboxes wait for it. */
  readonly atOnce?: number;
  /** Asked between batches. */
  readonly isStopping?: () => boolean;
}

/** Milliseconds between purges. */
const purgeIntervalMs = 10 * 60 * 1000;
const defaultAtOnce = 500;
/** The pause after a batch, as a multiple of its duration: others get the database in between. */
const pauseFactor = 0.5;

/** Purges old notifications periodically. Returns a function that stops it after the current batch. */
export function startNotificationPurge(
  context: PurgeContext,
  retentionDays: number,
  log: Pick<Logger, 'error' | 'info'>,
): () => void {
  let isStopping = false;
  const stop = repeatEvery(
    purgeIntervalMs,
    async () => {
      const purged = await purgeNotifications(context, { retentionDays, isStopping: () => isStopping });
      if (purged > 0) log.info({ purged }, 'purged notifications beyond the retention');
    },
    (err) => log.error({ err }, 'failed to purge notifications'),
  );
  return () => {
    isStopping = true;
    stop();
  };
}

/**
 * Deletes the notifications older than the retention, the oldest first, in batches; followers see each deletion. Saved
 * ones are kept, and snoozed ones until they return. One node at a time does this; on others it ends at once.
 * @returns the number of deleted notifications
 */
export async function purgeNotifications(
  { prisma, bus, now }: PurgeContext,
  { retentionDays, atOnce = defaultAtOnce, isStopping = () => false }: PurgeOptions,
): Promise<number> {
  let purged = 0;
  let since: string | null = null;
  while (!isStopping()) {
    const begun = performance.now();
    const batch: Batch = await prisma.$statements((transaction) =>
      purgeBatch(transaction, { retentionDays, atOnce, since, now: now() }),
    );
    bus.publish(batch.ranges);
    const count = batch.ranges.reduce((sum, { from, to }) => sum + to - from, 0);
    purged += count;
    // A whole batch that others have saved or moved meanwhile: the next purge looks again.
    if (batch.found < atOnce || count === 0) return purged;
    since = batch.last;
    await delay((performance.now() - begun) * pauseFactor);
  }
  return purged;
}

interface Batch {
  /** Number of rows that were found. */
  readonly found: number;
  /** The time of the newest of them. */
  readonly last: string | null;
  readonly ranges: readonly VersionRange[];
}

interface BatchOptions {
  readonly retentionDays: number;
  readonly atOnce: number;
  readonly since: string | null;
  readonly now: Date;
}

async function purgeBatch(
  { notification, inbox }: NotificationMethods,
  { retentionDays, atOnce, since, now }: BatchOptions,
): Promise<Batch> {
  const [lock] = await notification.tryRetentionLock();
  if (lock?.has_lock !== true) return { found: 0, last: null, ranges: [] };
  const old = await notification.findOld(retentionDays, since, atOnce);
  const ids = old.map(({ id }) => id);
  const locked = await inbox.lockOf(ids, null);
  const touched = await notification.purge(ids, recipientsOf(locked), now, retentionDays);
  return { found: old.length, last: old.at(-1)?.timestamp ?? null, ranges: rangesOf(touched) };
}
