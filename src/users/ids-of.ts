import type { UserViewer } from '../auth/viewer.ts';
import { ambiguousIn, findUsers } from '../user-keys/find-users.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { directId } from '../user-keys/with-user-ids.ts';

/**
 * The id of the user that each key names. A UUID that names nobody is returned as it is; any other key that names
 * nobody becomes null.
 * @param only the viewer's id if the viewer may know no other user, else null
 * @throws ServiceError FAILED_VALIDATION of `id` for a text that names two users.
 */
export async function idsOf(
  prisma: UserKeyMethods,
  keys: readonly string[],
  only: string | null,
): Promise<(string | null)[]> {
  // The viewer's own id is known to exist.
  const isKnown = keys.every((key) => key === only);
  const found = isKnown ? undefined : await findUsers(prisma, keys, { ambiguous: ambiguousIn('id'), only });
  return keys.map((key) => found?.get(key) ?? directId(key));
}

/** Like `idsOf` for one key, where `me` is the viewer. @param mayAll whether the viewer may know every user */
export async function idOrMe(
  prisma: UserKeyMethods,
  viewer: UserViewer,
  key: string,
  mayAll: boolean,
): Promise<string | null> {
  if (key === 'me') return viewer.id;
  const [id = null] = await idsOf(prisma, [key], mayAll ? null : viewer.id);
  return id;
}
