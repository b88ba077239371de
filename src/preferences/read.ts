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
