import { statement } from '../../database/statement.ts';

/**
 * Usernames that differ only by case from the username of another user, in order. Prisma cannot group by an expression.
 */
export const usernamesByCase = statement<{ readonly username: string }>()({
  name: 'usernames_by_case',
  text: `
    select username from (
      select username, count(*) over (partition by lower(username)) as spellings from users
      where lower(username) in (
        select lower(username) from users where username_key is null and username is not null
      )
    ) as named
    where spellings > 1 order by lower(username), username limit $1`,
  values: (limit: number) => [limit],
});
