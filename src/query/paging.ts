import { invalidQuery } from '../errors.ts';
import type { ListArguments, QueryScope } from './scope.ts';

/** Which part of the rows to return. */
export interface Page {
  /** Undefined: no limit. */
  readonly limit: number | undefined;
  readonly offset: number;
}

/**
 * The page for `limit`, `offset` and `page` within the limits of the deployment.
 * @throws ServiceError INVALID_QUERY when one of them is not an integer in its range.
 */
export function parsePage(scope: QueryScope, { limit, offset, page }: ListArguments): Page {
  const rows = readLimit(scope, wholeNumber('limit', limit, -1));
  const start = wholeNumber('offset', offset, 0) ?? 0;
  const number = wholeNumber('page', page, 0) ?? 0;
  if (number === 0 || rows === undefined) return { limit: rows, offset: start };
  return { limit: rows, offset: Math.min(rows * (number - 1), Number.MAX_SAFE_INTEGER) };
}

function readLimit({ limits, keys }: QueryScope, limit: number | undefined): number | undefined {
  const { queryDefault, queryMax } = limits;
  if (limit === undefined) {
    // A request for rows by key returns all of them.
    if (keys) return undefined;
    if (queryDefault === -1) return queryMax;
    return queryMax === undefined ? queryDefault : Math.min(queryDefault, queryMax);
  }
  if (limit === -1) return keys ? undefined : queryMax;
  if (queryMax !== undefined && limit > queryMax) throw invalidQuery(`"limit" may be at most ${queryMax}`);
  return limit;
}

function wholeNumber(name: string, value: number | null | undefined, min: number): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (!Number.isSafeInteger(value)) throw invalidQuery(`"${name}" must be a whole number`);
  if (value < min) throw invalidQuery(`"${name}" must be at least ${min}`);
  return value;
}
