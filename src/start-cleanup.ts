import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { inhibitExpired } from './dispatch/sql/inhibit-expired.ts';
import { startAnswerPurge } from './idempotency/purge-answers.ts';
import { startInboxTimers } from './notifications/inbox-timers.ts';
import { startNotificationPurge } from './notifications/purge-notifications.ts';
import { startTombstonePurge } from './notifications/purge-tombstones.ts';
import type { Publisher } from './notifications/ranges.ts';
import type { FullPrisma } from './prisma.ts';
import { startErasures } from './user-data/resume-erasures.ts';

/** What the periodic work needs. */
export interface CleanupOptions {
  readonly prisma: FullPrisma;
  readonly bus: Publisher;
  readonly now: () => Date;
  readonly log: Logger;
}

/**
 * Starts to delete periodically what is old or being erased, and to end snoozes and expire notifications when they are
 * due. Returns a function that stops it.
 */
export function startCleanup(
  { live, idempotencyHours, notificationRetentionDays: days }: Config,
  { prisma, bus, now, log }: CleanupOptions,
): () => void {
  const context = { prisma, bus, now };
  const stops = [
    startTombstonePurge(prisma, live.retentionDays, log),
    startAnswerPurge(prisma, idempotencyHours, log),
    startErasures(context, log),
    startInboxTimers({ ...context, inhibit: inhibitExpired }, log),
    ...(days === undefined ? [] : [startNotificationPurge(context, days, log)]),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
