import { isAdmin } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import type { Database } from '../database/database.ts';
import { resolveUser } from './access.ts';
import type { Preference } from './model.ts';

/**
 * What the user chose, by template id; nothing for a user who never chose.
 * @param userRef `me`, a uuid or a username
 * @throws ServiceError FAILED_VALIDATION of `user` for somebody unknown or not the viewer's to see; FORBIDDEN for the
 * anonymous.
 */
export async function listPreferences(
  context: Pick<Context, 'db' | 'viewer'>,
  userRef: string,
): Promise<readonly Preference[]> {
  return storedPreferences(context.db, await resolveUser(context, userRef, 'read'));
}

/** A user's choice for a template. */
export type PreferenceKey = Pick<Preference, 'user_id' | 'template_id'>;

/** Those of the choices that are stored and that the caller may read: the own ones, for admins all. */
export async function preferencesByKey(
  { db, viewer }: Pick<Context, 'db' | 'viewer'>,
  keys: readonly PreferenceKey[],
): Promise<readonly Preference[]> {
  const isOwn = ({ user_id }: PreferenceKey) => viewer.kind === 'user' && viewer.id === user_id;
  const readable = keys.filter((key) => isAdmin(viewer) || isOwn(key));
  if (readable.length === 0) return [];
  return db.query<Preference>({
    text: `select user_id, template_id, disabled, updated_at
           from unnest($1::uuid[], $2::uuid[]) as asked (user_id, template_id) join preferences using (user_id, template_id)`,
    values: [readable.map(({ user_id }) => user_id), readable.map(({ template_id }) => template_id)],
  });
}

/** What is stored for the user, by template id. */
export async function storedPreferences({ prisma }: Database, userId: string): Promise<readonly Preference[]> {
  const rows = await prisma.preference.findMany({ where: { userId }, orderBy: { templateId: 'asc' } });
  return rows.map(({ templateId, disabled, updatedAt }) => ({
    user_id: userId,
    template_id: templateId,
    disabled,
    updated_at: updatedAt.toISOString(),
  }));
}
