import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Viewer } from '../../auth/viewer.ts';
import { addressKey } from '../../client-address.ts';
import { rateLimited } from './errors.ts';

/** What a request is counted by. */
export interface Counted {
  readonly viewer: Viewer;
  /** The address it came from; what counts for who has no session. */
  readonly ip: string;
  /** The path of the route, and what stands in its places. */
  readonly path: string | undefined;
  readonly parameters?: unknown;
}

/** Counts a request and refuses one too many. @throws CoderError 429 */
export type RateLimit = (request: Counted) => Promise<void>;

/** Users at endpoints, and addresses, that are remembered. Where there are more, whoever asked last is remembered best. */
const remembered = 10_000;

/**
 * Bounds what one user may ask of one endpoint, and one address without a session of all: so many requests a minute,
 * counted by each node.
 * @param perMinute 0: there is no bound
 */
export async function createRateLimit(app: FastifyInstance, perMinute: number): Promise<RateLimit> {
  if (perMinute === 0) return async () => undefined;
  await app.register(rateLimit, {
    global: false,
    max: perMinute,
    timeWindow: 60_000,
    cache: remembered,
    keyGenerator: (request) => keyOf(request as unknown as Counted),
  });
  const look = app.createRateLimit();
  let last: Promise<unknown> = Promise.resolve();
  return async (request) => {
    // One after the other: the plugin judges a request by a count that those counted in the same moment raise as well,
    // so that all of them would be refused.
    const counting = last.then(() =>
      // An upgrade is no request of Fastify's. The plugin looks at the key and at the settings of a route, which has none.
      look({ ...request, routeOptions: {} } as unknown as FastifyRequest),
    );
    last = counting.catch(() => undefined);
    const counted = await counting;
    if (!counted.isAllowed && counted.isExceeded) throw rateLimited(perMinute, counted.ttlInSeconds);
  };
}

/**
 * As in the reference, an endpoint is a path, however it is spelled: marking many items takes a request for each. Who
 * has no session gets nothing at any endpoint, so all of those count together.
 */
function keyOf({ viewer, ip, path, parameters }: Counted): string {
  // A text of its own: a part of the address would keep all of it in memory.
  return JSON.stringify(viewer.kind === 'user' ? [viewer.id, path, parameters] : [addressKey(ip)]);
}
