import { forbidden, type ServiceError } from '../errors.ts';

/**
 * Key of the advisory lock for writes that may remove an admin, so that two of them cannot remove the last two admins.
 * Taken before any row lock.
 */
export const adminsLockKey = 7_461_003;

/** The error for a write that would leave no active admin. */
export function lastAdminMustStay(): ServiceError {
  return forbidden('The last active admin can be neither deleted, suspended nor made a member');
}
