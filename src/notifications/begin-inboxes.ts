import type { NotificationMethods } from './sql/methods.ts';

/**
 * Creates the inboxes of new users with chosen ids, starting above every version that an earlier inbox of the same id
 * can have had. A user with that id may have existed before, and the cursors of that inbox must not be valid in this
 * one. The time in microseconds is such a version, because no inbox changes more often than that; it stays a safe
 * integer until 2255.
 */
export async function beginInboxes(transaction: NotificationMethods, users: readonly string[]): Promise<void> {
  if (users.length > 0) await transaction.inbox.begin(users);
}
