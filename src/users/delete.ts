import { announceRevocation } from '../auth/revocations.ts';
import { checkBatch } from '../checks.ts';
import { takeLock } from '../database/advisory-lock.ts';
import { isForeignKeyFault, retry } from '../database/faults.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { lockKeys } from '../database/lock-keys.ts';
import type { PrismaTransaction } from '../database/prisma.ts';
import { forbidden, serviceUnavailable } from '../errors.ts';
import { forgetSenders, lockInboxesOfUsers, lockOwnInboxes, removeInboxes } from '../notifications/forget-users.ts';
import type { VersionRange } from '../notifications/ranges.ts';
import type { NotificationMethods } from '../notifications/sql/methods.ts';
import { parseUuid } from '../values.ts';
import { assertMayDeleteUsers, changeableUsers } from './access.ts';
import { lastAdminMustStay } from './admins.ts';
import type { UserWriteContext } from './context.ts';
import { idsOf } from './ids-of.ts';
import type { UserMethods } from './sql/methods.ts';

type Transaction = PrismaTransaction<NotificationMethods & UserMethods>;

/**
 * Deletes users, all or none, with their tokens and inboxes. Notifications that they sent stay, without a sender.
 * Unknown ids count as deleted, so the call is idempotent.
 * @param ids any keys of users
 * @returns the ids, in the order of the keys
 * @throws ServiceError FORBIDDEN unless the viewer is an admin, when no active admin would be left, and for a key that
 * names nobody and is not a UUID; INVALID_PAYLOAD for more than `batchMax` ids.
 */
export async function deleteUsers(
  { prisma, viewer, bus, limits }: UserWriteContext,
  ids: readonly string[],
): Promise<string[]> {
  assertMayDeleteUsers(viewer);
  checkBatch(ids.length, limits.batchMax);
  const found = await idsOf(prisma, ids, null);
  const users = [...new Set(found.map((id) => id ?? ''))];
  if (users.includes('')) throw forbidden();
  if (users.length === 0) return [];

  const removal = { onlyRole: changeableUsers(viewer).role };
  const ranges = await retryRemoval(() =>
    inTransaction(prisma, (transaction) => removeUsers(transaction, users, removal)),
  );
  for (const id of users) announceRevocation(prisma, id);
  bus.publish(ranges);
  // A UUID is returned as it was given.
  return ids.map((key, index) => (parseUuid(key) === null ? (found[index] ?? key) : key));
}

/** Retries a transaction that runs `removeUsers`. */
export function retryRemoval<Result>(work: () => Promise<Result>): Promise<Result> {
  return retry(work, {
    attempts: 5,
    // A notification from one of these users reached another inbox after the locks were taken: a retry locks it, too.
    mayRetry: isForeignKeyFault,
    exhausted: () => serviceUnavailable('users', 'notifications are being sent in their name'),
  });
}

/** How `removeUsers` removes. */
interface Removal {
  /** Removes nobody, with FORBIDDEN, if one of the users has another role. */
  readonly onlyRole?: 'member' | undefined;
  /** Called before the users are deleted, when nobody else can write to them and their inboxes. */
  readonly onLocked?: () => Promise<void>;
}

/**
 * Deletes these users with their tokens and inboxes, without asking who may do so; the first statements of a
 * transaction. Returns the ranges to publish after the commit.
 * @throws ServiceError FORBIDDEN when no active admin would be left.
 */
export async function removeUsers(
  transaction: Transaction,
  users: readonly string[],
  { onlyRole, onLocked }: Removal,
): Promise<VersionRange[]> {
  await takeLock(transaction, lockKeys.admins);
  const locked = await lockInboxesOfUsers(transaction, users);
  // Inboxes are locked before users, as when notifications are created, where the foreign keys to users are checked
  // last. With the users locked nobody can send in their name or create an inbox for them.
  await transaction.user.lock(users);
  await lockOwnInboxes(transaction, users);
  if (onlyRole !== undefined) {
    const others = await transaction.user.count({ where: { id: { in: [...users] }, role: { not: onlyRole } } });
    if (others > 0) throw forbidden();
  }
  await assertAdminLeft(transaction, users);
  await onLocked?.();
  const ranges = await forgetSenders(transaction, users, locked);
  const emptied = await removeInboxes(transaction, users);
  await transaction.user.deleteMany({ where: { id: { in: [...users] } } });
  return [...ranges, ...emptied];
}

/** @throws ServiceError FORBIDDEN when the last active admins would be deleted. */
async function assertAdminLeft(transaction: Transaction, leaving: readonly string[]): Promise<void> {
  const admins = { role: 'admin', status: 'active' };
  const leavingAdmins = await transaction.user.count({ where: { ...admins, id: { in: [...leaving] } } });
  if (leavingAdmins > 0 && (await transaction.user.count({ where: admins })) === leavingAdmins)
    throw lastAdminMustStay();
}
