import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Viewer } from '../../auth/viewer.ts';
import { addressKey } from '../../client-address.ts';
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

/** Counts a request. @throws CoderError 429 above the limit. */
export type RateLimit = (request: CountedRequest) => Promise<void>;

/** Maximum number of counters in memory; the least recently used are evicted. */
const maxCounters = 10_000;

/**
 * Limits requests per minute on this node: per user and endpoint, and per address over all endpoints for requests
 * without a session.
 * @param perMinute 0: no limit
 */
export async function createRateLimit(app: FastifyInstance, perMinute: number): Promise<RateLimit> {
  if (perMinute === 0) return async () => undefined;
  await app.register(rateLimit, {
    global: false,
    max: perMinute,
    timeWindow: 60_000,
    cache: maxCounters,
    keyGenerator: (request) => keyOf(request as unknown as CountedRequest),
  });
  const checkLimit = app.createRateLimit();
  let previous: Promise<unknown> = Promise.resolve();
  return async (request) => {
    // Requests are counted one at a time: the plugin compares a counter that concurrent requests have also increased,
    // so all of them would be refused.
    const counting = previous.then(() =>
      // An upgrade is not a Fastify request. The plugin reads only the key and the route's settings, here none.
      checkLimit({ ...request, routeOptions: {} } as unknown as FastifyRequest),
    );
    previous = counting.catch(() => undefined);
    const counted = await counting;
    if (!counted.isAllowed && counted.isExceeded) throw rateLimited(perMinute, counted.ttlInSeconds);
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
