import { type KeyKind, keyKinds, parseUserKey, type UserKey } from '../user-keys/user-key.ts';
import { parseUuid } from '../values.ts';
import { Failure } from './failure.ts';
import type { Service } from './service.ts';

/** The fields of a user that commands need. */
export interface FoundUser {
  readonly id: string;
  readonly external_id: string | null;
  readonly email: string | null;
  readonly username: string | null;
}

/**
 * Finds users by any of their keys, see docs/users.md. Duplicates are removed; one request finds all users.
 * @throws Failure naming the keys that belong to no user, or a key that belongs to two users.
 */
export async function findUsers(service: Service, names: readonly string[]): Promise<FoundUser[]> {
  const keys = names.map(parseUserKey);
  const conditions = keyKinds.flatMap((kind) => {
    const values = keys.flatMap((key) => valueAs(kind, key) ?? []);
    // The service refuses an empty list of values.
    return values.length > 0 ? [{ [kind]: { _in: values } }] : [];
  });
  const { users } = await service.request<{ users: FoundUser[] }>(
    'query ($filter: directus_users_filter) { users(filter: $filter, limit: -1) { id external_id email username } }',
    { filter: { _or: conditions } },
  );
  const found = keys.map((key) => users.filter((user) => keyKinds.some((kind) => user[kind] === valueAs(kind, key))));
  const unknown = names.filter((_, index) => found[index]?.length === 0);
  if (unknown.length > 0) throw new Failure(`There is no user ${unknown.map((name) => `"${name}"`).join(', ')}.`);
  const several = names.find((_, index) => (found[index]?.length ?? 0) > 1);
  if (several !== undefined) {
    throw new Failure(`"${several}" names two users; say which, for example {"external_id":"${several}"}.`);
  }
  return [...new Map(found.flat().map((user) => [user.id, user])).values()];
}

/** The value of a key, in the spelling of the user's field of this kind; undefined if the key cannot be of this kind. */
function valueAs(kind: KeyKind, { kind: of, value }: UserKey): string | undefined {
  if (of !== 'any' && of !== kind) return undefined;
  if (kind === 'id') return parseUuid(value) ?? undefined;
  return kind === 'email' ? value.trim().toLowerCase() : value;
}

/** The name to show for a user. */
export const nameOf = ({ email, username, id }: FoundUser): string => email ?? username ?? id;
