import type { Queryable } from '../database/database.ts';

/**
 * The id of the user of this name, whatever its case; undefined when there is none. Where names differ only by case, as
 * they could once, each is found by its exact spelling alone.
 */
export async function findUserByName(db: Queryable, username: string): Promise<string | undefined> {
  const users = await db.query<{ readonly id: string; readonly username: string }>({
    name: 'user_by_name',
    text: 'select id, username from users where lower(username) = lower($1)',
    values: [username],
  });
  const [only] = users;
  return users.length === 1 ? only?.id : users.find((user) => user.username === username)?.id;
}

const mostListed = 100;

/** Usernames that differ from another only by case, in order, up to a hundred. */
export async function usernamesByCase(db: Queryable): Promise<readonly string[]> {
  const rows = await db.query<{ readonly username: string }>({
    text: `select username from (
             select username, count(*) over (partition by lower(username)) as spellings from users
             where lower(username) in (
               select lower(username) from users where username_key is null and username is not null
             )
           ) as named
           where spellings > 1 order by lower(username), username limit $1`,
    values: [mostListed],
  });
  return rows.map(({ username }) => username);
}
