import { forbidden, type ServiceError } from '../errors.ts';

/** The error for a write that would leave no active admin. */
export function lastAdminMustStay(): ServiceError {
  return forbidden('The last active admin can be neither deleted, suspended nor made a member');
}
