import { statement } from '../../database/statement.ts';
import { upsertedNames } from './upserted-columns.ts';

const columnsOf = (row: string) => upsertedNames.map((name) => `${row}.${name}`).join(', ');

/**
 * Changes users, each by its own object of columns, and returns those that are different afterwards. The caller must
 * have locked the rows. Prisma would need a statement for each user.
 */
export const updateUpserted = statement<{ readonly id: string }>()({
  name: 'update_upserted_users',
  text: `
    update users
    set ${upsertedNames.map((name) => `${name} = new.${name}`).join(', ')}
    from jsonb_to_recordset($1::jsonb) as given (id uuid, columns jsonb)
    join users as old on old.id = given.id
    cross join lateral jsonb_populate_record(old, given.columns) as new
    where users.id = old.id and row(${columnsOf('old')}) is distinct from row(${columnsOf('new')})
    returning users.id`,
  values: (users: readonly { readonly id: string; readonly columns: object }[]) => [JSON.stringify(users)],
});
