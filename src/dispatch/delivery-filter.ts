import { notUuid } from '../checks.ts';
import { failedValidation } from '../errors.ts';
import { ambiguousIn, findUsers } from '../user-keys/find-users.ts';
import { unknownUserIn } from '../user-keys/input.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { directId } from '../user-keys/with-user-ids.ts';
import { parseUuid } from '../values.ts';

/** Conditions on deliveries; a delivery must match all that are given. */
export interface DeliveryFilter {
  readonly status?: readonly string[] | null | undefined;
  readonly method?: readonly string[] | null | undefined;
  /** Any key of a user. */
  readonly user?: string | null | undefined;
  readonly template?: string | null | undefined;
}

/**
 * Converts a filter to the parameters of a statement: status, method, user and template; null matches any value.
 * @throws ServiceError FAILED_VALIDATION for a malformed id, and a user who is unknown or named ambiguously
 */
export async function filterValues(
  prisma: UserKeyMethods,
  { status, method, user, template }: DeliveryFilter,
): Promise<unknown[]> {
  const templateId = uuidOf('template', template);
  return [status ?? null, method ?? null, await userIdOf(prisma, user), templateId];
}

/** A UUID of nobody is kept: it matches nothing. */
async function userIdOf(prisma: UserKeyMethods, user: string | null | undefined): Promise<string | null> {
  if (user === null || user === undefined) return null;
  const found =
    (await findUsers(prisma, [user], { ambiguous: ambiguousIn('user'), only: null })).get(user) ?? directId(user);
  if (found === null) throw unknownUserIn('user', user);
  return found;
}

/** Parses an optional id. @throws ServiceError FAILED_VALIDATION of `field` */
export function uuidOf(field: string, value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  const uuid = parseUuid(value);
  if (uuid === null) throw failedValidation(field, 'uuid', notUuid);
  return uuid;
}
