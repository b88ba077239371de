import type { PrismaTransaction } from '../database/prisma.ts';
import type { VersionRange } from './ranges.ts';
import type { NotificationMethods } from './sql/methods.ts';
import type { LockedInbox } from './sql/rows.ts';
import { rangesOf, recipientsOf } from './versions.ts';

type Transaction = PrismaTransaction<NotificationMethods>;

/**
 * Locks all inboxes that deleting these users affects: their own, and those they have sent to. This is the first
 * statement of the deleting transaction; `forgetSenders` runs later, with a newer snapshot.
 */
export function lockInboxesOfUsers(transaction: Transaction, users: readonly string[]): Promise<LockedInbox[]> {
  return transaction.inbox.lockOfUsers(users);
}

/**
 * Locks the inboxes of users whose rows the caller has locked. So every inbox that was created earlier is visible, and
 * no new one can be created.
 */
export async function lockOwnInboxes(transaction: Transaction, users: readonly string[]): Promise<void> {
  await transaction.inbox.lockOwn(users);
}

/**
 * Clears these users as senders in the locked inboxes, as a change to each notification, except in their own inboxes,
 * which are deleted. Returns the ranges.
 */
export async function forgetSenders(
  transaction: Transaction,
  users: readonly string[],
  locked: readonly LockedInbox[],
): Promise<VersionRange[]> {
  return rangesOf(await transaction.notification.forgetSenders(users, recipientsOf(locked)));
}

/** Deletes the inboxes of these users and all notifications in them. Returns the ranges to publish. */
export async function removeInboxes(transaction: Transaction, users: readonly string[]): Promise<VersionRange[]> {
  const emptied = await transaction.inbox.readEmptied(users);
  // The cascade cannot do this: notifications that these users sent to themselves would block it.
  await transaction.inbox.deleteMany({ where: { recipient_id: { in: [...users] } } });
  return emptied;
}
