import { ServiceError } from '../errors.ts';
import { parseUuid } from '../values.ts';
import { type AmbiguousKey, findUsers } from './find-users.ts';
import type { UserKeyMethods } from './sql/methods.ts';
import { parseUserKey } from './user-key.ts';

/** The id of the user that a key names. @throws ServiceError if it names none */
export type UserIdOf = (key: string) => string;

interface Faults {
  readonly ambiguous: AmbiguousKey;
  /** The error for a key that names no user and is no UUID. */
  readonly unknown: (key: string) => ServiceError;
}

/**
 * Runs `work` with the ids of the users that the keys name. UUIDs are passed to `work` without a look-up. Only if it
 * fails with INVALID_FOREIGN_KEY are they looked up as external ids, and `work` runs once more. The caller must have
 * checked that the viewer may name any user.
 */
export async function withUserIds<Result>(
  prisma: UserKeyMethods,
  keys: readonly string[],
  { ambiguous, unknown }: Faults,
  work: (idOf: UserIdOf) => Promise<Result>,
): Promise<Result> {
  const search = { ambiguous, only: null };
  const named = keys.filter((key) => directId(key) === null);
  const found = named.length === 0 ? undefined : await findUsers(prisma, named, search);
  const idOf: UserIdOf = (key) => {
    const id = directId(key) ?? found?.get(key);
    if (id === undefined) throw unknown(key);
    return id;
  };
  try {
    return await work(idOf);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'INVALID_FOREIGN_KEY') throw error;
    const plain = keys.filter((key) => parseUuid(key) !== null);
    const external = plain.length === 0 ? undefined : await findUsers(prisma, plain, search);
    if (!plain.some((key) => (external?.get(key) ?? parseUuid(key)) !== parseUuid(key))) throw error;
    return work((key) => external?.get(key) ?? idOf(key));
  }
}

/** The id in a key that needs no look-up: a UUID, or an object with the kind `id`; null for all other keys. */
export function directId(key: string): string | null {
  const id = parseUuid(key);
  if (id !== null || !key.startsWith('{')) return id;
  const { kind, value } = parseUserKey(key);
  return kind === 'id' ? parseUuid(value) : null;
}
