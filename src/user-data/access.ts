import { type Action, may } from '../auth/rights.ts';
import type { UserViewer, Viewer } from '../auth/viewer.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { forbidden } from '../errors.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { idOrMe } from '../users/ids-of.ts';

interface Subject {
  readonly id: string;
  readonly viewer: UserViewer;
}

/**
 * The user whose data is exported or erased: `me`, or any key of a user.
 * @throws ServiceError FORBIDDEN if the viewer may not do this to that user's data, also if the key names nobody;
 * FAILED_VALIDATION of `id` for a text that names two users.
 */
export async function subjectOf(
  prisma: ServicePrisma<UserKeyMethods>,
  viewer: Viewer,
  key: string,
  verb: 'export' | 'erase',
): Promise<Subject> {
  const isAllowed = (extent: 'own' | 'all') => may(viewer, `user_data.${verb}_${extent}` satisfies Action);
  const mayAll = isAllowed('all');
  if (viewer.kind === 'anonymous' || !(mayAll || isAllowed('own'))) throw forbidden();
  const id = await idOrMe(prisma, viewer, key, mayAll);
  if (id === null || !(mayAll || id === viewer.id)) throw forbidden();
  return { id, viewer };
}
