import { isAdmin, type Viewer } from '../auth/viewer.ts';
import { forbidden, forbiddenCollection } from '../errors.ts';
import { usersCollection } from './model.ts';

const collection = usersCollection.name;

/** The fields that members may change on their own user; admins may change all. */
const memberFields: ReadonlySet<string> = new Set(['email_notifications', 'language', 'password', 'timezone']);

/** @throws ServiceError FORBIDDEN unless the viewer is an admin. */
export function assertMayCreateUsers(viewer: Viewer): void {
  if (!isAdmin(viewer)) throw forbiddenCollection(collection, 'create');
}

/** @throws ServiceError FORBIDDEN unless the viewer is an admin. */
export function assertMayDeleteUsers(viewer: Viewer): void {
  if (!isAdmin(viewer)) throw forbiddenCollection(collection, 'delete');
}

/**
 * @throws ServiceError FORBIDDEN for anonymous viewers, and for members who change another user or a field outside
 * `memberFields`.
 */
export function assertMayUpdateUsers(viewer: Viewer, ids: readonly string[], fields: Iterable<string>): void {
  if (isAdmin(viewer)) return;
  if (viewer.kind === 'anonymous') throw forbiddenCollection(collection, 'update');
  const denied = [...new Set(fields)].filter((field) => !memberFields.has(field));
  if (denied.length > 0) {
    const names = denied.map((field) => `"${field}"`).join(', ');
    throw forbidden(`You may not write ${names} of "${collection}", or there is no such field`);
  }
  if (ids.some((id) => id !== viewer.id)) throw forbidden();
}
