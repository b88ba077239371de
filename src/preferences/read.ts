import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { resolveUser } from './access.ts';
import type { PreferenceContext } from './context.ts';
import type { Preference } from './model.ts';

/**
 * The user's stored choices, in the order of template ids.
 * @param userRef `me` or any key of a user
 * @throws ServiceError FAILED_VALIDATION of `user` for a user who is unknown or hidden from the viewer; FORBIDDEN for
 * viewers who may not read even their own.
 */
export async function listPreferences(context: PreferenceContext, userRef: string): Promise<Preference[]> {
  return storedPreferences(context.prisma, await resolveUser(context, userRef, 'read'));
}

/** Identifies a user's choice for a template. */
export type PreferenceKey = Pick<Preference, 'user_id' | 'template_id'>;

/** The stored choices among `keys` that the viewer may read: all, their own, or none. */
export async function preferencesByKey(
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  keys: readonly PreferenceKey[],
): Promise<Preference[]> {
  const mayOwn = may(viewer, 'preferences.read_own');
  const isOwn = ({ user_id }: PreferenceKey) => mayOwn && viewer.kind === 'user' && viewer.id === user_id;
  const mayAll = may(viewer, 'preferences.read_all');
  const readable = keys.filter((key) => mayAll || isOwn(key));
  if (readable.length === 0) return [];
  const userIds = [...new Set(readable.map(({ user_id }) => user_id))];
  const templateIds = [...new Set(readable.map(({ template_id }) => template_id))];
  // This also reads unrequested pairs, but templates are few and a condition per pair would be long.
  const rows = await prisma.preference.findMany({
    where: { user_id: { in: userIds }, template_id: { in: templateIds } },
  });
  const pairOf = ({ user_id, template_id }: PreferenceKey) => `${user_id} ${template_id}`;
  const requested = new Set(readable.map(pairOf));
  return rows.filter((row) => requested.has(pairOf(row)));
}

/** The user's stored choices, in the order of template ids. */
export function storedPreferences(prisma: Pick<ServicePrisma, 'preference'>, userId: string): Promise<Preference[]> {
  return prisma.preference.findMany({ where: { user_id: userId }, orderBy: { template_id: 'asc' } });
}
