import { type Taken, windowMs } from '../../rate-limits/token-buckets.ts';

/** A limit and its state, for the headers. */
export interface ShownLimit extends Taken {
  /** Letters, digits and `_`. */
  readonly name: string;
  readonly perMinute: number;
}

/**
 * The headers that tell clients their limit. Clients wait as long as `t` says: until they may go on, or until all points
 * are there again.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/
 */
export function rateLimitHeaders({ name, perMinute, remaining, waitMs }: ShownLimit) {
  return {
    'ratelimit-policy': `"${name}";q=${perMinute};w=${windowMs / 1000}`,
    ratelimit: `"${name}";r=${remaining};t=${Math.ceil(waitMs / 1000)}`,
  } as const;
}
