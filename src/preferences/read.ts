import { isAdmin } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { resolveUser } from './access.ts';
import type { PreferenceContext } from './context.ts';
import type { Preference } from './model.ts';

/**
 * The user's stored choices, in the order of template ids.
 * @param userRef `me`, a UUID or a username
 * @throws ServiceError FAILED_VALIDATION of `user` for a user who is unknown or hidden from the viewer; FORBIDDEN for
 * anonymous viewers.
 */
export async function listPreferences(context: PreferenceContext, userRef: string): Promise<Preference[]> {
  return storedPreferences(context.prisma, await resolveUser(context, userRef, 'read'));
}

/** Identifies a user's choice for a template. */
export type PreferenceKey = Pick<Preference, 'userId' | 'templateId'>;

/** The stored choices among `keys` that the viewer may read: all for admins, their own for members. */
export async function preferencesByKey(
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  keys: readonly PreferenceKey[],
): Promise<Preference[]> {
  const isOwn = ({ userId }: PreferenceKey) => viewer.kind === 'user' && viewer.id === userId;
  const readable = keys.filter((key) => isAdmin(viewer) || isOwn(key));
  if (readable.length === 0) return [];
  const userIds = [...new Set(readable.map(({ userId }) => userId))];
  const templateIds = [...new Set(readable.map(({ templateId }) => templateId))];
  // This also reads unrequested pairs, but templates are few and a condition per pair would be long.
  const rows = await prisma.preference.findMany({
    where: { userId: { in: userIds }, templateId: { in: templateIds } },
  });
  const pairOf = ({ userId, templateId }: PreferenceKey) => `${userId} ${templateId}`;
  const requested = new Set(readable.map(pairOf));
  return rows.filter((row) => requested.has(pairOf(row)));
}

/** The user's stored choices, in the order of template ids. */
export function storedPreferences(prisma: Pick<ServicePrisma, 'preference'>, userId: string): Promise<Preference[]> {
  return prisma.preference.findMany({ where: { userId }, orderBy: { templateId: 'asc' } });
}
