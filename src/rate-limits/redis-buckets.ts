import { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { DatabaseIdentity } from '../database/identity.ts';
import { createMemoryBuckets, type SharedBuckets, type Taken, windowMs } from './token-buckets.ts';

/** How long a request may wait for Redis before it is counted in memory. */
const commandMs = 250;
/** A connection that was cut without a close never responds. */
const socketMs = 1_000;
const connectMs = 10_000;
const reconnectMs = { first: 100, most: 5_000 } as const;
/** Maximum number of callers without points that are remembered. */
const maxEmpty = 10_000;

/**
 * A token bucket as one key, which expires when the bucket is full again: its time to live says how many points are
 * missing, and its value is the fraction of a millisecond. The package passes the points to take, the seconds of the
 * window, and the points that a bucket holds; it takes the first result for the points used, more than there are
 * meaning refused, and the second for the milliseconds to wait.
 */
const readBucket = `
local window = 1000 * ARGV[2]
local perPoint = window / ARGV[3]
local missing = redis.call('pttl', KEYS[1])
if missing > 0 then missing = missing + redis.call('get', KEYS[1]) else missing = 0 end
local cost = ARGV[1] * perPoint
`;
const refuseUnlessFull = `
local excess = missing + math.min(cost, window) - window
if excess > 0.001 then return { ARGV[3] + 1, math.ceil(excess) } end
`;
const takeCost = `
missing = missing + cost
local whole = math.max(math.floor(missing), 1)
redis.call('set', KEYS[1], missing - whole, 'px', whole)
return { math.min(math.ceil(missing / perPoint - 0.001), ARGV[3]), math.ceil(missing) }
`;
const takeScript = readBucket + refuseUnlessFull + takeCost;
const settleScript = readBucket + takeCost;

/** The connection to Redis, which all limits of a node share. */
export interface RedisLimits {
  /** @param name part of the keys in Redis */
  buckets(name: string, perMinute: number): SharedBuckets;
  close(): void;
}

export interface RedisLimitsOptions {
  readonly url: string;
  /** Part of the keys, so that several stores can share one Redis server. */
  readonly identity: DatabaseIdentity;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** Token buckets that nodes share. While Redis is away, each node counts in its own memory. */
export async function openRedisLimits({ url, identity, log }: RedisLimitsOptions): Promise<RedisLimits> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    socketTimeout: socketMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(reconnectMs.first * 2 ** attempt, reconnectMs.most),
  });
  redis.on('error', () => undefined);
  // If it fails, the node counts in its memory until Redis is back.
  await redis.connect().catch(() => undefined);
  let isAway = false;

  function setAway(isAwayNow: boolean, error?: unknown): void {
    if (isAway === isAwayNow) return;
    isAway = isAwayNow;
    if (isAway) log.warn({ err: error }, 'Redis is away: limits are counted by each node');
    else log.info('limits are counted in Redis again');
  }

  return {
    buckets(name, perMinute) {
      const limiter = new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: '',
        points: perMinute,
        duration: windowMs / 1000,
        rejectIfRedisNotReady: true,
        customIncrTtlLuaScript: takeScript,
      });
      const memory = createMemoryBuckets(perMinute);
      /** Until when callers have not even one point, so that their requests do not reach Redis. */
      const emptyUntil = new LRUCache<string, number>({ max: maxEmpty });

      const keyOf = (key: string) => `tidings:${identity.current()}:limit:${name}:${key}`;

      async function takeShared(key: string, points: number): Promise<Taken> {
        try {
          const result = await limiter.consume(keyOf(key), points);
          setAway(false);
          return toTaken(true, result);
        } catch (error) {
          if (!(error instanceof RateLimiterRes)) {
            setAway(true, error);
            return memory.take(key, points);
          }
          setAway(false);
          if (points === 1) emptyUntil.set(key, performance.now() + error.msBeforeNext);
          return toTaken(false, error);
        }
      }

      return {
        take(key, points) {
          const waitMs = (emptyUntil.get(key) ?? 0) - performance.now();
          return waitMs > 0 ? { isAllowed: false, remaining: 0, waitMs } : takeShared(key, points);
        },
        async settle(key, points) {
          try {
            const result = await redis.eval(settleScript, 1, keyOf(key), points, windowMs / 1000, perMinute);
            setAway(false);
            // As the script returns it.
            const [used, waitMs] = result as [number, number];
            return { isAllowed: true, remaining: perMinute - used, waitMs };
          } catch (error) {
            setAway(true, error);
            memory.take(key, points);
            return undefined;
          }
        },
      };
    },
    close: () => redis.disconnect(),
  };
}

function toTaken(isAllowed: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Taken {
  return { isAllowed, remaining: remainingPoints, waitMs: msBeforeNext };
}
