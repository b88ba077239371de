import { statement } from '../../database/statement.ts';
import type { KeyKind } from '../user-key.ts';

/** A user who has a key. */
export interface KeyMatch {
  readonly kind: KeyKind;
  /** The key as it was given; a UUID is in lower case. */
  readonly value: string;
  readonly id: string;
  readonly username: string | null;
}

/** Values to look up, by kind. */
export type KeyValues = Readonly<Record<KeyKind, readonly string[]>>;

/**
 * The users that have these keys, each found by the index of its kind. Prisma would need a query for each kind, and its
 * case-insensitive match uses ILIKE.
 */
export const findByKeys = statement<KeyMatch>()({
  name: 'users_by_keys',
  // The subselects hide the lengths of the arrays from the planner. Without them, PostgreSQL plans the statement again
  // at each execution with short lists.
  text: `
    select kind, value, id, username from (
      select 'id' as kind, id::text as value, id, username from users
      where id = any (array(select unnest($1::uuid[])))
      union all
      select 'external_id', external_id, id, username from users
      where external_id = any (array(select unnest($2::text[])))
      union all
      select 'username', given.name, id, username from unnest($3::text[]) as given (name)
      join users on lower(username) = lower(given.name)
      union all
      select 'email', email, id, username from users
      where email = any (array(select unnest($4::text[])))
    ) as found
    where $5::uuid is null or id = $5`,
  values: (keys: KeyValues, only: string | null) => [keys.id, keys.external_id, keys.username, keys.email, only],
});
