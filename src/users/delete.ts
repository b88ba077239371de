import { announceRevocation } from '../auth/revocations.ts';
import { checkBatch } from '../checks.ts';
import { takeLock } from '../database/advisory-lock.ts';
import { isForeignKeyFault, retry } from '../database/faults.ts';
import { inTransaction } from '../database/in-transaction.ts';
import type { PrismaTransaction } from '../database/prisma.ts';
import { forbidden, serviceUnavailable } from '../errors.ts';
import { forgetSenders, lockInboxesOfUsers, lockOwnInboxes, removeInboxes } from '../notifications/forget-users.ts';
import type { VersionRange } from '../notifications/ranges.ts';
import type { NotificationMethods } from '../notifications/sql/methods.ts';
import { parseUuid } from '../values.ts';
import { assertMayDeleteUsers } from './access.ts';
import { adminsLockKey, lastAdminMustStay } from './admins.ts';
import type { UserWriteContext } from './context.ts';
import type { UserMethods } from './sql/methods.ts';

type Transaction = PrismaTransaction<NotificationMethods & UserMethods>;

/**
 * Deletes users, all or none, with their tokens and their whole inbox; what they sent to others stays, without a
 * sender. Ids that are not there count as deleted, so it may be repeated.
 * @throws ServiceError FORBIDDEN unless the viewer is an admin, when no active admin would be left, and for what
 * cannot be an id; INVALID_PAYLOAD for more ids than one write may have.
 */
export async function deleteUsers(
  { prisma, viewer, bus, limits }: UserWriteContext,
  ids: readonly string[],
): Promise<void> {
  assertMayDeleteUsers(viewer);
  checkBatch(ids.length, limits.batchMax);
  const users = [...new Set(ids.map((id) => parseUuid(id) ?? ''))];
  if (users.includes('')) throw forbidden();
  if (users.length === 0) return;

  const ranges = await retry(() => inTransaction(prisma, (transaction) => deleteOnce(transaction, users)), {
    attempts: 5,
    // Somebody sent in their name to one more inbox after those were locked: that one is locked next time.
    mayRetry: isForeignKeyFault,
    exhausted: () => serviceUnavailable('users', 'notifications are being sent in their name'),
  });
  for (const id of users) announceRevocation(prisma, id);
  bus.publish(ranges);
}

async function deleteOnce(transaction: Transaction, users: readonly string[]): Promise<VersionRange[]> {
  await takeLock(transaction, adminsLockKey);
  const locked = await lockInboxesOfUsers(transaction, users);
  // Inboxes before users, as when creating: there the keys of users are looked at last. From here on nobody can
  // send in their name or make them an inbox.
  await transaction.user.lock(users);
  await lockOwnInboxes(transaction, users);
  await assertAdminLeft(transaction, users);
  const ranges = await forgetSenders(transaction, users, locked);
  const emptied = await removeInboxes(transaction, users);
  await transaction.user.deleteMany({ where: { id: { in: [...users] } } });
  return [...ranges, ...emptied];
}

/** @throws ServiceError FORBIDDEN when active admins go and none stays. */
async function assertAdminLeft(transaction: Transaction, leaving: readonly string[]): Promise<void> {
  const admins = { role: 'admin', status: 'active' };
  const gone = await transaction.user.count({ where: { ...admins, id: { in: [...leaving] } } });
  if (gone > 0 && (await transaction.user.count({ where: admins })) === gone) throw lastAdminMustStay();
}
