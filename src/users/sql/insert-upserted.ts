import { statement } from '../../database/statement.ts';
import { textArray } from '../../database/text-array.ts';
import type { EntryColumns } from '../upsert-input.ts';
import { arraysFrom, columnsOf, upsertedNames } from './upserted-columns.ts';

/** A user to store, with the id that was chosen for it. */
export interface NewUser {
  readonly id: string;
  readonly columns: EntryColumns;
}

/** Values of columns that are not null, for entries without them. */
const defaults: Readonly<Record<string, string>> = {
  role: `'member'`,
  status: `'active'`,
  email_notifications: 'true',
};
const stored = upsertedNames.map((name) => (name in defaults ? `coalesce(${name}, ${defaults[name]})` : name));

/**
 * Stores new users. It fails if another transaction has stored one of their keys meanwhile: the caller then starts
 * again. `on conflict do nothing` would look every key up once more, for half of the time. Measured by bench
 * `upsert-users`.
 */
export const insertUpserted = statement<never>()({
  name: 'insert_upserted_users',
  text: `
    insert into users (id, created_at, ${upsertedNames.join(', ')})
    select id, $1::timestamptz, ${stored.join(', ')}
    from unnest($2::uuid[], ${arraysFrom(3)}) as given (id, ${upsertedNames.join(', ')})`,
  /** @param users in an order that does not depend on the list, so that concurrent inserts do not deadlock */
  values: (users: readonly NewUser[], createdAt: Date) => [
    createdAt.toISOString(),
    textArray(users.map(({ id }) => id)),
    ...columnsOf(users.map(({ columns }) => columns)).arrays,
  ],
});
