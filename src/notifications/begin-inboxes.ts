import type { NotificationMethods } from './sql/methods.ts';

/**
 * Gives new users whose ids somebody chose an inbox whose versions are above all that an inbox of that id may have had:
 * there may have been such a user before, and cursors of that inbox must not be followed into this one. The time in
 * microseconds is such a version, as no inbox changes more often than that; a number of JavaScript holds it until 2255.
 */
export async function beginInboxes(transaction: NotificationMethods, users: readonly string[]): Promise<void> {
  if (users.length > 0) await transaction.inbox.begin(users);
}
