import type { Queryable } from './database.ts';

const known = new WeakMap<Queryable, Promise<string>>();

/**
 * The uuid that this store was given when it was first asked: what is only true of one database, such as a
 * cursor, holds it. Read once per connection pool.
 */
export function databaseId(db: Queryable): Promise<string> {
  const asked = known.get(db) ?? read(db);
  known.set(db, asked);
  // A store that could not be reached is asked again.
  asked.catch(() => known.delete(db));
  return asked;
}

async function read(db: Queryable): Promise<string> {
  await db.query({
    text: `insert into settings (key, value) values ('database_id', to_jsonb(gen_random_uuid())) on conflict do nothing`,
    values: [],
  });
  const [row] = await db.query<{ id: string }>({
    text: `select value #>> '{}' as id from settings where key = 'database_id'`,
    values: [],
  });
  if (row === undefined) throw new Error('the store has no identity');
  return row.id;
}
