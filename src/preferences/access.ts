import { may } from '../auth/rights.ts';
import { failedValidation, forbiddenCollection, type ServiceError } from '../errors.ts';
import { findUserByName } from '../users/usernames.ts';
import { isStorable, parseUuid } from '../values.ts';
import type { PreferenceContext } from './context.ts';
import { preferencesCollection } from './model.ts';

/**
 * The id of the user that `userRef` names: `me`, a UUID or a username in any case. Admins may name any user, members
 * only themselves.
 * @throws ServiceError FORBIDDEN for anonymous viewers; FAILED_VALIDATION of `user`, type `unknown`, for a user who
 * does not exist or is hidden from the viewer.
 */
export async function resolveUser(
  { prisma, viewer }: PreferenceContext,
  userRef: string,
  action: 'read' | 'update',
): Promise<string> {
  const mayAll = may(viewer, `preferences.${action}_all`);
  const mayOwn = mayAll || may(viewer, `preferences.${action}_own`);
  if (viewer.kind === 'anonymous' || !mayOwn) throw forbiddenCollection(preferencesCollection, action);
  if (userRef === 'me') return viewer.id;
  if (!isStorable(userRef)) throw unknownUser(userRef);
  const id = parseUuid(userRef);
  if (id === viewer.id) return id;
  const found =
    id === null
      ? await findUserByName(prisma, userRef)
      : (await prisma.user.findUnique({ where: { id }, select: { id: true } }))?.id;
  if (found === undefined || !(mayAll || found === viewer.id)) throw unknownUser(userRef);
  return found;
}

/** The same error for users who do not exist and users the viewer may not see. */
export function unknownUser(userRef: string): ServiceError {
  return failedValidation('user', 'unknown', 'must be an existing UUID or username', { value: userRef });
}
