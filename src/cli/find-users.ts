import { Failure } from './failure.ts';
import { Refusal, type Service } from './service.ts';

/** The fields of a user that commands need. */
export interface FoundUser {
  readonly id: string;
  readonly external_id: string | null;
  readonly email: string | null;
  readonly username: string | null;
}

/**
 * Finds users by any of their keys, see docs/users.md. The service decides whom each names, so that its rule holds here
 * too: with one request, which has a field for each name. Duplicates are removed.
 * @throws Failure naming the keys that belong to no user, or a key that belongs to two users.
 */
export async function findUsers(service: Service, names: readonly string[]): Promise<FoundUser[]> {
  const fields = names.map((_, index) => `user${index}: users_by_id(id: $name${index}) { ...user }`);
  const query = `query (${names.map((_, index) => `$name${index}: ID!`).join(', ')}) { ${fields.join(' ')} }
    fragment user on directus_users { id external_id email username }`;
  const variables = Object.fromEntries(names.map((name, index) => [`name${index}`, name]));
  try {
    const users = await service.request<Readonly<Record<string, FoundUser>>>(query, variables);
    return [...new Map(Object.values(users).map((user) => [user.id, user])).values()];
  } catch (error) {
    throw unknownUsers(error, names) ?? error;
  }
}

/** The failure that names the users who do not exist; undefined if the request failed for another reason. */
function unknownUsers(error: unknown, names: readonly string[]): Failure | undefined {
  if (!(error instanceof Refusal)) return undefined;
  const isUnknown = (index: number) =>
    error.errors.some(({ path, extensions }) => path?.[0] === `user${index}` && extensions?.code === 'FORBIDDEN');
  const unknown = names.filter((_, index) => isUnknown(index));
  if (unknown.length === 0) return undefined;
  return new Failure(`There is no user ${unknown.map((name) => `"${name}"`).join(', ')}.`);
}

/** The name to show for a user. */
export const nameOf = ({ email, username, id }: FoundUser): string => email ?? username ?? id;
