import { statement } from '../../database/statement.ts';

/** Users by name, ignoring case. Prisma's case-insensitive match uses ILIKE, where `_` matches any character. */
export const findByName = statement<{ readonly id: string; readonly username: string }>()({
  name: 'user_by_name',
  text: 'select id, username from users where lower(username) = lower($1)',
  values: (username: string) => [username],
});
