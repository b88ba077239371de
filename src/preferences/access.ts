import { isAdmin } from '../auth/viewer.ts';
import { failedValidation, forbiddenCollection, type ServiceError } from '../errors.ts';
import { findUserByName } from '../users/usernames.ts';
import { isStorable, parseUuid } from '../values.ts';
import type { PreferenceContext } from './context.ts';
import { preferencesCollection } from './model.ts';

/**
 * The id of the user whose preferences are meant: `me`, a uuid or a username, whatever its case. An admin may mean anybody, others
 * themselves.
 * @throws ServiceError FORBIDDEN for the anonymous; FAILED_VALIDATION of `user`, type `unknown`, for somebody who is
 * not there or whom the viewer may not see.
 */
export async function resolveUser(
  { prisma, viewer }: PreferenceContext,
  userRef: string,
  action: 'read' | 'update',
): Promise<string> {
  if (viewer.kind === 'anonymous') throw forbiddenCollection(preferencesCollection, action);
  if (userRef === 'me') return viewer.id;
  if (!isStorable(userRef)) throw unknownUser(userRef);
  const id = parseUuid(userRef);
  if (id === viewer.id) return id;
  const found =
    id === null
      ? await findUserByName(prisma, userRef)
      : (await prisma.user.findUnique({ where: { id }, select: { id: true } }))?.id;
  if (found === undefined || !(isAdmin(viewer) || found === viewer.id)) throw unknownUser(userRef);
  return found;
}

/** Nobody of that name, or nobody the viewer may see: both read the same. */
export function unknownUser(userRef: string): ServiceError {
  return failedValidation('user', 'unknown', 'must be an existing UUID or username', { value: userRef });
}
