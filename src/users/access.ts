import { may } from '../auth/rights.ts';
import type { Viewer } from '../auth/viewer.ts';
import { forbidden, forbiddenCollection } from '../errors.ts';
import { usersCollection } from './model.ts';

const collection = usersCollection.name;

/** The fields that members may change on their own user; admins may change all. */
const memberFields: ReadonlySet<string> = new Set(['email_notifications', 'language', 'password', 'timezone']);

/**
 * Fields that give a user access or rights. A token that is limited to `users` must not set them: its holder could get
 * more rights.
 */
const credentialFields: ReadonlySet<string> = new Set(['password', 'role', 'token']);

/**
 * @param fields the given fields of all items.
 * @throws ServiceError FORBIDDEN unless the viewer may create users with these fields.
 */
export function assertMayCreateUsers(viewer: Viewer, fields: Iterable<string>): void {
  if (!may(viewer, 'users.create')) throw forbiddenCollection(collection, 'create');
  if (!may(viewer, 'users.set_credentials')) refuseFields(fields, (field) => credentialFields.has(field));
}

/** @throws ServiceError FORBIDDEN unless the viewer may create users with these fields and change those of others. */
export function assertMayUpsertUsers(viewer: Viewer, fields: Iterable<string>): void {
  assertMayCreateUsers(viewer, fields);
  if (!may(viewer, 'users.update_all')) throw forbiddenCollection(collection, 'update');
}

/** @throws ServiceError FORBIDDEN unless the viewer may delete users. */
export function assertMayDeleteUsers(viewer: Viewer): void {
  if (!may(viewer, 'users.delete')) throw forbiddenCollection(collection, 'delete');
}

/**
 * @throws ServiceError FORBIDDEN for viewers who may not change even their own user, for members who change another
 * user, and for fields that the viewer may not change.
 */
export function assertMayUpdateUsers(viewer: Viewer, ids: readonly string[], fields: Iterable<string>): void {
  if (may(viewer, 'users.update_all')) {
    if (!may(viewer, 'users.set_credentials')) refuseFields(fields, (field) => credentialFields.has(field));
    return;
  }
  if (viewer.kind === 'anonymous' || !may(viewer, 'users.update_own')) throw forbiddenCollection(collection, 'update');
  const maySetPassword = may(viewer, 'users.set_own_password');
  refuseFields(fields, (field) => !memberFields.has(field) || (field === 'password' && !maySetPassword));
  if (ids.some((id) => id !== viewer.id)) throw forbidden();
}

/**
 * A condition for the users that the viewer may change or delete. A token that is limited to `users` may change only
 * members, because it must not act on users with more rights than it has. Otherwise there is no condition.
 */
export function changeableUsers(viewer: Viewer): { readonly role?: 'member' } {
  return may(viewer, 'users.update_all') && !may(viewer, 'users.set_credentials') ? { role: 'member' } : {};
}

function refuseFields(fields: Iterable<string>, isDenied: (field: string) => boolean): void {
  const denied = [...new Set(fields)].filter(isDenied);
  if (denied.length === 0) return;
  const names = denied.map((field) => `"${field}"`).join(', ');
  throw forbidden(`You may not write ${names} of "${collection}", or there is no such field`);
}
