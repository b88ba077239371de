import type { ServicePrisma } from '../database/prisma.ts';
import type { NotificationId } from './model.ts';
import type { VersionRange } from './ranges.ts';
import type { NotificationMethods } from './sql/methods.ts';
import { assertNoneElsewhere, rangesOf, recipientsOf, retryMoved } from './versions.ts';

/** Deletes these notifications, whoever the recipient is, leaving tombstones. Returns the ranges. */
export async function removeNotifications(
  prisma: ServicePrisma<NotificationMethods>,
  ids: readonly NotificationId[],
  now: Date,
): Promise<VersionRange[]> {
  return retryMoved(() =>
    prisma.$statements(async (transaction) => {
      const locked = await transaction.inbox.lockOf(ids, null);
      if (locked.length === 0) return [];
      const touched = await transaction.notification.remove(ids, recipientsOf(locked), now);
      const removed = touched.reduce((sum, { base, version }) => sum + version - base, 0);
      if (removed < ids.length) await assertNoneElsewhere(transaction, ids, locked);
      return rangesOf(touched);
    }),
  );
}
