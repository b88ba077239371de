import { notUuid } from '../checks.ts';
import { failedValidation } from '../errors.ts';
import { parseUuid } from '../values.ts';

/** Conditions on deliveries; a delivery must match all that are given. */
export interface DeliveryFilter {
  readonly status?: readonly string[] | null | undefined;
  readonly method?: readonly string[] | null | undefined;
  readonly user?: string | null | undefined;
  readonly template?: string | null | undefined;
}

/**
 * Converts a filter to the parameters of a statement: status, method, user and template; null matches any value.
 * @throws ServiceError FAILED_VALIDATION for a malformed id
 */
export function filterValues({ status, method, user, template }: DeliveryFilter): unknown[] {
  return [status ?? null, method ?? null, uuidOf('user', user), uuidOf('template', template)];
}

/** Parses an optional id. @throws ServiceError FAILED_VALIDATION of `field` */
export function uuidOf(field: string, value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  const uuid = parseUuid(value);
  if (uuid === null) throw failedValidation(field, 'uuid', notUuid);
  return uuid;
}
