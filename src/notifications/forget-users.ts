import type { PrismaTransaction } from '../database/prisma.ts';
import type { VersionRange } from './ranges.ts';
import type { NotificationMethods } from './sql/methods.ts';
import type { LockedInbox } from './sql/rows.ts';
import { rangesOf, recipientsOf } from './versions.ts';

type Transaction = PrismaTransaction<NotificationMethods>;

/**
 * Locks everything that deleting these users touches: their own inboxes and those they sent to. The first step of
 * the transaction that deletes them; `forgetSenders` is a later one, with a newer snapshot.
 */
export function lockInboxesOfUsers(transaction: Transaction, users: readonly string[]): Promise<LockedInbox[]> {
  return transaction.inbox.lockOfUsers(users);
}

/** Locks the inboxes of users who are locked themselves: one that was made before is there by now, and gets no more. */
export async function lockOwnInboxes(transaction: Transaction, users: readonly string[]): Promise<void> {
  await transaction.inbox.lockOwn(users);
}

/**
 * Takes these users' names off what they sent to the locked inboxes, as a change of each, but leaves their own
 * inboxes alone: those go with them. Gives the versions it took.
 */
export async function forgetSenders(
  transaction: Transaction,
  users: readonly string[],
  locked: readonly LockedInbox[],
): Promise<VersionRange[]> {
  return rangesOf(await transaction.notification.forgetSenders(users, recipientsOf(locked)));
}

/** Deletes the inboxes of these users with all that lies in them; gives what is told of it. */
export async function removeInboxes(transaction: Transaction, users: readonly string[]): Promise<VersionRange[]> {
  const emptied = await transaction.inbox.readEmptied(users);
  // Not left to the cascade: what they sent to themselves would stand in its way.
  await transaction.inbox.deleteMany({ where: { recipientId: { in: [...users] } } });
  return emptied;
}
