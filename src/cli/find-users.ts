import { Failure } from './failure.ts';
import type { Service } from './service.ts';

/** The fields of a user that commands need. */
export interface FoundUser {
  readonly id: string;
  readonly email: string | null;
  readonly username: string | null;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Finds users by id, e-mail address or username, in this order. Duplicates are removed; one request finds all users.
 * @throws Failure naming those that do not exist.
 */
export async function findUsers(service: Service, names: readonly string[]): Promise<FoundUser[]> {
  const ids = names.filter((name) => uuid.test(name)).map((name) => name.toLowerCase());
  const texts = names.filter((name) => !uuid.test(name));
  const emails = texts.map((text) => text.toLowerCase());
  const conditions = [
    ['id', ids],
    ['email', emails],
    ['username', texts],
  ] as const;
  // The service refuses an empty list of values.
  const filter = {
    _or: conditions.flatMap(([field, values]) => (values.length > 0 ? [{ [field]: { _in: values } }] : [])),
  };
  const { users } = await service.request<{ users: FoundUser[] }>(
    'query ($filter: directus_users_filter) { users(filter: $filter, limit: -1) { id email username } }',
    { filter },
  );
  const found = names.map((name) => {
    const text = name.toLowerCase();
    return users.find(({ id, email, username }) => id === text || email === text || username === name);
  });
  const unknown = names.filter((_, index) => found[index] === undefined);
  if (unknown.length > 0) throw new Failure(`There is no user ${unknown.map((name) => `"${name}"`).join(', ')}.`);
  return [...new Map(found.flatMap((user) => (user ? [[user.id, user] as const] : []))).values()];
}

/** The name to show for a user. */
export const nameOf = ({ email, username, id }: FoundUser): string => email ?? username ?? id;
