import { statement } from '../../database/statement.ts';

/** Locks these users in the order of their ids, which Prisma cannot: deletes of the same users must meet in one order. */
export const lockUsers = statement<object>()({
  name: 'lock_users',
  text: 'select from users where id = any ($1::uuid[]) order by id for update',
  values: (users: readonly string[]) => [users],
});
