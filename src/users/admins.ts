import { forbidden, type ServiceError } from '../errors.ts';

/**
 * Names the lock under which admins are made fewer, so that two writes cannot each take one of the last two.
 * Taken before any row is locked.
 */
export const adminsLockKey = 7_461_003;

/** Somebody must be able to undo what is done. */
export function lastAdminMustStay(): ServiceError {
  return forbidden('The last active admin can be neither deleted, suspended nor made a member');
}
