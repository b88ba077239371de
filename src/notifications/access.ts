import type { Viewer } from '../auth/viewer.ts';
import { isAdmin } from '../auth/viewer.ts';
import { forbidden, forbiddenCollection } from '../errors.ts';
import { notificationsCollection } from './model.ts';

const collection = notificationsCollection.name;

/** What a member may change about the own notifications; an admin may change everything. */
const memberFields: ReadonlySet<string> = new Set(['status']);

/** @throws ServiceError FORBIDDEN unless the viewer is an admin. */
export function assertMayCreate(viewer: Viewer): void {
  if (!isAdmin(viewer)) throw forbiddenCollection(collection, 'create');
}

/** @throws ServiceError FORBIDDEN unless the viewer is an admin: members archive, they do not delete. */
export function assertMayDelete(viewer: Viewer): void {
  if (!isAdmin(viewer)) throw forbiddenCollection(collection, 'delete');
}

/**
 * Says nothing of rows: those are narrowed by `ownerScope`.
 * @throws ServiceError FORBIDDEN for the anonymous, and for a member who names another field than `status`.
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
 * Whose notifications the viewer may touch: null is everybody's, else that recipient's only.
 * @throws ServiceError FORBIDDEN for the anonymous, who has none.
 */
export function ownerScope(viewer: Viewer): string | null {
  if (isAdmin(viewer)) return null;
  if (viewer.kind === 'anonymous') throw forbiddenCollection(collection, 'read');
  return viewer.id;
}

/** @throws ServiceError FORBIDDEN for the anonymous; a member reads the own notifications, an admin all. */
export function assertMayRead(viewer: Viewer): void {
  if (viewer.kind === 'anonymous') throw forbiddenCollection(collection, 'read');
}
