import { may } from '../auth/rights.ts';
import { failedValidation, forbiddenCollection, type ServiceError } from '../errors.ts';
import { ambiguousIn, findUsers } from '../user-keys/find-users.ts';
import { parseUserKey } from '../user-keys/user-key.ts';
import { directId } from '../user-keys/with-user-ids.ts';
import type { PreferenceContext } from './context.ts';
import { preferencesCollection } from './model.ts';

/**
 * The id of the user that `userRef` names: `me` or any key of a user. Viewers without the right to all
 * preferences may name only themselves.
 * @throws ServiceError FORBIDDEN for viewers who may not do this even to their own preferences; FAILED_VALIDATION of
 * `user`, type `unknown`, for a user who does not exist or is hidden from the viewer, and `ambiguous` for a text that
 * two users have.
 */
export async function resolveUser(
  { prisma, viewer }: PreferenceContext,
  userRef: string,
  action: 'read' | 'update',
): Promise<string> {
  const mayAll = may(viewer, `preferences.${action}_all`);
  const mayOwn = mayAll || may(viewer, `preferences.${action}_own`);
  if (viewer.kind === 'anonymous' || !mayOwn) throw forbiddenCollection(preferencesCollection, action);
  if (userRef === 'me' || directId(userRef) === viewer.id) return viewer.id;
  const only = mayAll ? null : viewer.id;
  const found = (await findUsers(prisma, [userRef], { ambiguous: ambiguousIn('user'), only })).get(userRef);
  if (found === undefined) throw unknownUser(userRef);
  return found;
}

/** The same error for users who do not exist and users the viewer may not see. */
export function unknownUser(userRef: string): ServiceError {
  return failedValidation(
    'user',
    'unknown',
    'must be the id, external_id, username or e-mail address of an existing user',
    { value: parseUserKey(userRef).value },
  );
}
