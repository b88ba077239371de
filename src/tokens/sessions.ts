import { announceRevocation } from '../auth/revocations.ts';
import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { forbidden, forbiddenCollection } from '../errors.ts';
import type { Session } from '../generated/prisma/client.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { idOrMe } from '../users/ids-of.ts';
import { parseUuid } from '../values.ts';

/** A sign-in without the hashes of its tokens. */
export type ListedSession = Pick<Session, keyof typeof select>;

interface SessionContext extends Pick<Context, 'viewer' | 'now'> {
  readonly prisma: ServicePrisma<UserKeyMethods>;
}

const collection = 'sessions';
const maxListed = 100;
const select = {
  id: true,
  user_id: true,
  ip: true,
  user_agent: true,
  created_at: true,
  last_used_at: true,
  expires_at: true,
} as const;

/**
 * The sign-ins of a user (`me`: the viewer) that have not ended, the last used first, at most 100.
 * @throws ServiceError FORBIDDEN if the viewer may not read them.
 */
export async function listSessions({ prisma, viewer, now }: SessionContext, user: string): Promise<ListedSession[]> {
  if (viewer.kind === 'anonymous') throw forbiddenCollection(collection, 'read');
  const mayAll = may(viewer, 'sessions.read_all');
  const user_id = await idOrMe(prisma, viewer, user, mayAll);
  const mayRead = mayAll || (user_id === viewer.id && may(viewer, 'sessions.read_own'));
  if (user_id === null || !mayRead) throw forbiddenCollection(collection, 'read');
  return prisma.session.findMany({
    where: { user_id, expires_at: { gt: now() } },
    select,
    orderBy: [{ last_used_at: 'desc' }, { id: 'desc' }],
    take: maxListed,
  });
}

/**
 * Ends a sign-in. Connections opened with it are closed: immediately on this node, within seconds elsewhere.
 * @throws ServiceError FORBIDDEN if there is no such sign-in, or it is another user's and the viewer may end only their
 * own.
 */
export async function revokeSession({ prisma, viewer }: SessionContext, id: string): Promise<string> {
  const sessionId = parseUuid(id);
  const mayAll = may(viewer, 'sessions.revoke_all');
  const mayOwn = mayAll || may(viewer, 'sessions.revoke_own');
  if (sessionId === null || viewer.kind === 'anonymous' || !mayOwn) throw forbidden();
  const where = { id: sessionId, ...(mayAll ? {} : { user_id: viewer.id }) };
  const found = await prisma.session.findFirst({ where, select: { user_id: true } });
  if (found === null) throw forbidden();
  await prisma.session.deleteMany({ where });
  announceRevocation(prisma, found.user_id);
  return sessionId;
}
