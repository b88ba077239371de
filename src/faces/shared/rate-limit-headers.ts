import { type Taken, windowMs } from '../../rate-limits/token-buckets.ts';

/** The names of the headers. */
export const policyHeader = 'ratelimit-policy';
export const limitHeader = 'ratelimit';

/** A limit as headers show it. */
export interface ShownPolicy {
  /** Letters, digits and `_`. */
  readonly name: string;
  readonly perMinute: number;
}

/**
 * The headers that tell clients their limit are these two. This one names the limit.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/
 */
export function policyOf({ name, perMinute }: ShownPolicy): string {
  return `"${name}";q=${perMinute};w=${windowMs / 1000}`;
}

/**
 * The header with the state of a limit. Clients wait as long as `t` says: until they may go on, or until all points are
 * there again.
 */
export function stateOf(name: string, { remaining, waitMs }: Taken): string {
  return `"${name}";r=${remaining};t=${Math.ceil(waitMs / 1000)}`;
}
