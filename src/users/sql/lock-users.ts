import { statement } from '../../database/statement.ts';

/** Locks these users in the order of their ids, so that concurrent deletes do not deadlock. Prisma has no row locks. */
export const lockUsers = statement<object>()({
  name: 'lock_users',
  text: 'select from users where id = any ($1::uuid[]) order by id for update',
  values: (users: readonly string[]) => [users],
});
