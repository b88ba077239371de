import { statement } from '../../database/statement.ts';
import { textArray } from '../../database/text-array.ts';
import { manyEntries } from './upserted-columns.ts';

/** A user who has a key of an upserted entry. */
export interface MatchedUser {
  readonly id: string;
  readonly external_id: string | null;
  readonly email: string | null;
  readonly username: string | null;
  readonly role: string;
}

/** Keys of the entries of a list. `uuids` are the external ids that are UUIDs. */
export interface EntryKeys {
  readonly externalIds: readonly string[];
  readonly emails: readonly string[];
  readonly usernames: readonly string[];
  readonly uuids: readonly string[];
}

/**
 * The users that have one of these keys, locked in the order of their ids, so that concurrent upserts of overlapping
 * lists do not deadlock. Prisma has no row locks.
 */
export const matchUsers = statement<MatchedUser>()({
  name: 'match_users',
  text: `
    with found as materialized (
      select id from users where external_id = any (array(select unnest($1::text[])))
      union
      select id from users where email = any (array(select unnest($2::text[])))
      union
      select id from users where lower(username) = any (array(select lower(unnest($3::text[]))))
      union
      select id from users where id = any (array(select unnest($4::uuid[])))
    )
    select id, external_id, email, username, role from users
    where id = any (array(select id from found)) order by id for no key update`,
  isPlannedEachTime: (keys) => Object.values(keys).some(({ length }) => length >= manyEntries),
  values: ({ externalIds, emails, usernames, uuids }: EntryKeys) =>
    [externalIds, emails, usernames, uuids].map(textArray),
});
