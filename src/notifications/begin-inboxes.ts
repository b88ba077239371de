import type { NotificationMethods } from './sql/methods.ts';

/**
 * Creates the inboxes of new users whose ids were chosen by the caller. Their versions start above every version that
 * an earlier inbox with the same id can have had: a user with that id may have existed before, and cursors of the former
 * inbox must not be valid in the new one. The first version is the current time in microseconds, because no inbox changes
 * more often than once per microsecond. This stays a safe integer until 2255.
 */
export async function beginInboxes(transaction: NotificationMethods, users: readonly string[]): Promise<void> {
  if (users.length > 0) await transaction.inbox.begin(users);
}
