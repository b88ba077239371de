import { may } from '../auth/rights.ts';
import type { UserViewer, Viewer } from '../auth/viewer.ts';
import { forbidden, forbiddenCollection, noToken } from '../errors.ts';
import { notificationsCollection } from './model.ts';

const collection = notificationsCollection.name;

/** Fields that members may change in their own notifications; admins may change all fields. */
const memberFields: ReadonlySet<string> = new Set(['status']);

/** @throws ServiceError FORBIDDEN unless the viewer may create notifications. */
export function assertMayCreate(viewer: Viewer): void {
  if (!may(viewer, 'notifications.create')) throw forbiddenCollection(collection, 'create');
}

/** @throws ServiceError FORBIDDEN unless the viewer may delete notifications: members archive instead. */
export function assertMayDelete(viewer: Viewer): void {
  if (!may(viewer, 'notifications.delete')) throw forbiddenCollection(collection, 'delete');
}

/**
 * Checks the fields only; `ownerScope` restricts the rows.
 * @throws ServiceError FORBIDDEN for viewers who may not change even their own notifications, and for members who
 * change a field other than `status`.
 */
export function assertMayUpdate(viewer: Viewer, fields: Iterable<string>): void {
  if (may(viewer, 'notifications.update_all')) return;
  if (!may(viewer, 'notifications.update_own')) throw forbiddenCollection(collection, 'update');
  const denied = [...new Set(fields)].filter((field) => !memberFields.has(field));
  if (denied.length === 0) return;
  const names = denied.map((field) => `"${field}"`).join(', ');
  throw forbidden(`You may not write ${names} of "${collection}", or there is no such field`);
}

/**
 * The recipient whose notifications the viewer may change; null means every recipient.
 * @throws ServiceError FORBIDDEN for viewers who may not change even their own notifications.
 */
export function ownerScope(viewer: Viewer): string | null {
  if (may(viewer, 'notifications.update_all')) return null;
  if (viewer.kind === 'anonymous' || !may(viewer, 'notifications.update_own')) {
    throw forbiddenCollection(collection, 'update');
  }
  return viewer.id;
}

/** @throws ServiceError FORBIDDEN for viewers who may not read even their own notifications. */
export function assertMayRead(viewer: Viewer): void {
  if (may(viewer, 'notifications.read_all') || may(viewer, 'notifications.read_own')) return;
  throw forbiddenCollection(collection, 'read');
}

/**
 * The viewer, as the owner of an inbox to read or change.
 * @throws ServiceError INVALID_CREDENTIALS for anonymous viewers, who have no inbox; FORBIDDEN without the right.
 */
export function inboxOwner(viewer: Viewer, action: 'read' | 'update'): UserViewer {
  if (viewer.kind === 'anonymous') throw noToken();
  if (!may(viewer, `notifications.${action}_own`)) throw forbiddenCollection(collection, action);
  return viewer;
}
