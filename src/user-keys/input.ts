import { read, rule } from '../checks.ts';
import { failedValidation, type ServiceError } from '../errors.ts';
import { parseUuid } from '../values.ts';

const notUser = 'must be the id, external_id, username or e-mail address of a user';

/** A text that names a user, see `parseUserKey`; a UUID is converted to lower case. */
export function userKey() {
  return read((value) => (typeof value === 'string' ? (parseUuid(value) ?? value) : undefined), rule('uuid', notUser));
}

/** The error for a text that names no user and is no UUID. */
export function unknownUserIn(field: string, value: string): ServiceError {
  return failedValidation(field, 'uuid', notUser, { value });
}
