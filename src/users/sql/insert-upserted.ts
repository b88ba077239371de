import { statement } from '../../database/statement.ts';
import { upsertedColumns, upsertedNames } from './upserted-columns.ts';

const typed = Object.entries(upsertedColumns).map(([name, type]) => `${name} ${type}`);

/**
 * Stores new users and returns how many were stored. Users whose keys another transaction stored meanwhile are left
 * out: the caller then starts again. Measured by bench `upsert-users`.
 */
export const insertUpserted = statement<{ readonly count: number }>()({
  name: 'insert_upserted_users',
  text: `
    with inserted as (
      insert into users (id, created_at, ${upsertedNames.join(', ')})
      select id, $2::timestamptz, ${upsertedNames.join(', ')}
      from json_to_recordset($1::json) as given (id uuid, ${typed.join(', ')})
      on conflict do nothing
      returning 1
    )
    select count(*)::int as count from inserted`,
  /** @param users in an order that does not depend on the list, so that concurrent inserts do not deadlock */
  values: (users: readonly object[], createdAt: Date) => [JSON.stringify(users), createdAt.toISOString()],
});
