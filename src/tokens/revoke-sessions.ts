import { announceRevocation } from '../auth/revocations.ts';
import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import { forbidden } from '../errors.ts';
import { parseUuid } from '../values.ts';

/** The user whose signed tokens were revoked, and when. */
export interface RevokedSessions {
  readonly user_id: string;
  readonly revoked_at: Date;
}

/**
 * Revokes every signed token of a user (`me`: the viewer) that was issued before now, and closes what was opened with
 * it: immediately on this node, within seconds elsewhere. Access tokens stay.
 * @throws ServiceError FORBIDDEN without the right, and when there is no such user.
 */
export async function revokeUserSessions(
  { prisma, viewer, now }: Pick<Context, 'prisma' | 'viewer' | 'now'>,
  user: string,
): Promise<RevokedSessions> {
  if (viewer.kind === 'anonymous') throw forbidden();
  const user_id = user === 'me' ? viewer.id : parseUuid(user);
  const mayRevoke = may(viewer, 'sessions.revoke_all') || (user_id === viewer.id && may(viewer, 'sessions.revoke_own'));
  if (user_id === null || !mayRevoke) throw forbidden();
  const revoked_at = now();
  const { count } = await prisma.user.updateMany({
    where: { id: user_id },
    data: { sessions_revoked_at: revoked_at },
  });
  if (count === 0) throw forbidden();
  announceRevocation(prisma, user_id);
  return { user_id, revoked_at };
}
