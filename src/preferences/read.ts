import { isAdmin } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { resolveUser } from './access.ts';
import type { PreferenceContext } from './context.ts';
import type { Preference } from './model.ts';

/**
 * What the user chose, by template id; nothing for a user who never chose.
 * @param userRef `me`, a uuid or a username
 * @throws ServiceError FAILED_VALIDATION of `user` for somebody unknown or not the viewer's to see; FORBIDDEN for the
 * anonymous.
 */
export async function listPreferences(context: PreferenceContext, userRef: string): Promise<Preference[]> {
  return storedPreferences(context.prisma, await resolveUser(context, userRef, 'read'));
}

/** A user's choice for a template. */
export type PreferenceKey = Pick<Preference, 'userId' | 'templateId'>;

/** Those of the choices that are stored and that the caller may read: the own ones, for admins all. */
export async function preferencesByKey(
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  keys: readonly PreferenceKey[],
): Promise<Preference[]> {
  const isOwn = ({ userId }: PreferenceKey) => viewer.kind === 'user' && viewer.id === userId;
  const readable = keys.filter((key) => isAdmin(viewer) || isOwn(key));
  if (readable.length === 0) return [];
  const userIds = [...new Set(readable.map(({ userId }) => userId))];
  const templateIds = [...new Set(readable.map(({ templateId }) => templateId))];
  // More than the pairs that are asked for, but templates are few and a list of pairs would be a long condition.
  const rows = await prisma.preference.findMany({
    where: { userId: { in: userIds }, templateId: { in: templateIds } },
  });
  const pairOf = ({ userId, templateId }: PreferenceKey) => `${userId} ${templateId}`;
  const asked = new Set(readable.map(pairOf));
  return rows.filter((row) => asked.has(pairOf(row)));
}

/** What is stored for the user, by template id. */
export function storedPreferences(prisma: Pick<ServicePrisma, 'preference'>, userId: string): Promise<Preference[]> {
  return prisma.preference.findMany({ where: { userId }, orderBy: { templateId: 'asc' } });
}
