import { randomUUID } from 'node:crypto';

const columns = ['external_id', 'email', 'username', 'first_name', 'last_name', 'language', 'timezone'];
const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');

/** Inserts users with one statement, which every connection prepares once; returns their ids. */
export async function insertUsers(client, users) {
  const ids = users.map(() => randomUUID());
  await client.query({
    name: 'bare_insert',
    text: `insert into users (${columns.join(', ')}, id, created_at)
           select *, now() from unnest(${arrays}, $${columns.length + 1}::uuid[])`,
    values: [...valuesOf(users), ids],
  });
  return ids;
}

/** Updates all these columns of users, found by their external id, with one statement. */
export async function updateUsers(client, users) {
  const changes = columns.slice(1).map((name) => `${name} = given.${name}`);
  await client.query({
    name: 'bare_update',
    text: `update users set ${changes.join(', ')} from unnest(${arrays}) as given (${columns.join(', ')})
           where users.external_id = given.external_id`,
    values: valuesOf(users),
  });
}

const valuesOf = (users) => columns.map((name) => users.map((user) => user[name]));
