import { statement } from '../../database/statement.ts';

/** Locks the inboxes of these users in the order used by all writers. Prisma does not support row locks. */
export const lockOwnInboxes = statement<object>()({
  name: 'lock_own_inboxes',
  text: 'select from inboxes where recipient_id = any ($1::uuid[]) order by recipient_id for no key update',
  values: (users: readonly string[]) => [users],
});
