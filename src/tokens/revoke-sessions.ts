import { announceRevocation } from '../auth/revocations.ts';
import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { forbidden } from '../errors.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { idOrMe } from '../users/ids-of.ts';

/** The user whose signed tokens were revoked, and when. */
export interface RevokedSessions {
  readonly user_id: string;
  readonly revoked_at: Date;
}

/**
 * Ends every sign-in of a user (`me`: the viewer), revokes every signed token that was issued before now, and closes
 * the connections opened with them: immediately on this node, within seconds elsewhere. Tokens made by
 * `create_access_token` stay valid.
 * @throws ServiceError FORBIDDEN if the viewer may not revoke them, or there is no such user.
 */
export async function revokeUserSessions(
  { prisma, viewer, now }: Pick<Context, 'viewer' | 'now'> & { readonly prisma: ServicePrisma<UserKeyMethods> },
  user: string,
): Promise<RevokedSessions> {
  if (viewer.kind === 'anonymous') throw forbidden();
  const mayAll = may(viewer, 'sessions.revoke_all');
  const user_id = await idOrMe(prisma, viewer, user, mayAll);
  const mayRevoke = mayAll || (user_id === viewer.id && may(viewer, 'sessions.revoke_own'));
  if (user_id === null || !mayRevoke) throw forbidden();
  const revoked_at = now();
  const [{ count }] = await prisma.$transaction(async (transaction) => [
    await transaction.user.updateMany({ where: { id: user_id }, data: { sessions_revoked_at: revoked_at } }),
    await transaction.session.deleteMany({ where: { user_id } }),
  ]);
  if (count === 0) throw forbidden();
  announceRevocation(prisma, user_id);
  return { user_id, revoked_at };
}
