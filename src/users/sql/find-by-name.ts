import { statement } from '../../database/statement.ts';

/** The users of this name, whatever its case. Prisma's comparison without case is a pattern, in which `_` is any letter. */
export const findByName = statement<{ readonly id: string; readonly username: string }>()({
  name: 'user_by_name',
  text: 'select id, username from users where lower(username) = lower($1)',
  values: (username: string) => [username],
});
