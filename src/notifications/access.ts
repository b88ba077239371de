import type { Viewer } from '../auth/viewer.ts';
import { isAdmin } from '../auth/viewer.ts';
import { forbidden, forbiddenCollection } from '../errors.ts';
import { notificationsCollection } from './model.ts';

const collection = notificationsCollection.name;

/** Fields that members may change in their own notifications; admins may change all. */
const memberFields: ReadonlySet<string> = new Set(['status']);

/** @throws ServiceError FORBIDDEN unless the viewer is an admin. */
export function assertMayCreate(viewer: Viewer): void {
  if (!isAdmin(viewer)) throw forbiddenCollection(collection, 'create');
}

/** @throws ServiceError FORBIDDEN unless the viewer is an admin: members archive instead of deleting. */
export function assertMayDelete(viewer: Viewer): void {
  if (!isAdmin(viewer)) throw forbiddenCollection(collection, 'delete');
}

/**
 * Checks the fields only; `ownerScope` restricts the rows.
 * @throws ServiceError FORBIDDEN for anonymous viewers, and for members that name a field other than `status`.
 */
export function assertMayUpdate(viewer: Viewer, fields: Iterable<string>): void {
  if (isAdmin(viewer)) return;
  if (viewer.kind === 'anonymous') throw forbiddenCollection(collection, 'update');
  const denied = [...new Set(fields)].filter((field) => !memberFields.has(field));
  if (denied.length === 0) return;
  const names = denied.map((field) => `"${field}"`).join(', ');
  throw forbidden(`You may not write ${names} of "${collection}", or there is no such field`);
}

/**
 * Whose notifications the viewer may read or change: null means everybody's, else only that recipient's.
 * @throws ServiceError FORBIDDEN for anonymous viewers.
 */
export function ownerScope(viewer: Viewer): string | null {
  if (isAdmin(viewer)) return null;
  if (viewer.kind === 'anonymous') throw forbiddenCollection(collection, 'read');
  return viewer.id;
}

/** @throws ServiceError FORBIDDEN for anonymous viewers; members may read their own notifications, admins all. */
export function assertMayRead(viewer: Viewer): void {
  if (viewer.kind === 'anonymous') throw forbiddenCollection(collection, 'read');
}
