import type { Viewer } from '../../auth/viewer.ts';
import { addressKey } from '../../client-address.ts';
import type { CountRefusal } from '../../rate-limits/refusal-metrics.ts';
import { createMemoryBuckets } from '../../rate-limits/token-buckets.ts';
import { limitHeader, policyHeader, policyOf, stateOf } from '../shared/rate-limit-headers.ts';
import { rateLimited } from './errors.ts';

/** The parts of a request that determine its counter. */
export interface CountedRequest {
  readonly viewer: Viewer;
  /** The client's address; used for requests without a session. */
  readonly ip: string;
  /** The path of the route, with placeholders, and their values. */
  readonly path: string | undefined;
  readonly parameters?: unknown;
}

/** Counts a request. Returns the headers of the limit. @throws CoderError 429 above the limit. */
export type RateLimit = (request: CountedRequest) => Readonly<Record<string, string>>;

/**
 * Limits requests per minute on this node, as Coder does: per user and endpoint, and per address over all endpoints for
 * requests without a session.
 * @param perMinute 0: no limit
 */
export function createRateLimit(perMinute: number, count: CountRefusal): RateLimit {
  if (perMinute === 0) return () => ({});
  const buckets = createMemoryBuckets(perMinute);
  const name = 'endpoint';
  const policy = policyOf({ name, perMinute });
  return (request) => {
    const taken = buckets.take(keyOf(request), 1);
    const headers = { [policyHeader]: policy, [limitHeader]: stateOf(name, taken) };
    if (taken.isAllowed) return headers;
    count('coder');
    throw rateLimited(perMinute, Math.max(1, Math.ceil(taken.waitMs / 1000)), headers);
  };
}

/**
 * As in Coder, an endpoint is a path with its parameters, so marking many notifications counts for each separately.
 * Every endpoint refuses requests without a session, so these share one counter per address.
 */
function keyOf({ viewer, ip, path, parameters }: CountedRequest): string {
  // A new string: a substring of the URL would keep the whole URL in memory.
  return JSON.stringify(viewer.kind === 'user' ? [viewer.id, path, parameters] : [addressKey(ip)]);
}
