import type { Logger } from 'pino';
import type { RateLimitConfig } from '../config.ts';
import type { DatabaseIdentity } from '../database/identity.ts';
import { type CallerLimits, createCallerLimits, type Limit, type Policy } from './caller-limits.ts';
import { deferTaking } from './defer-taking.ts';
import type { CountRefusal } from './refusal-metrics.ts';
import { createMemoryBuckets, type TokenBuckets } from './token-buckets.ts';

/** The limits of callers, and how to end them. */
export interface OpenLimits {
  /** Undefined: all limits are off. */
  readonly callers: CallerLimits | undefined;
  close(): void;
}

export interface OpenLimitsOptions {
  /** `memory`, `postgres`, or the URL of the Redis server of the bus, where limits are then counted. */
  readonly bus: string;
  /** Part of the keys in Redis. */
  readonly identity: DatabaseIdentity;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  readonly count: CountRefusal;
}

/** Opens the configured limits. Nothing is opened or loaded for limits that are off. */
export async function openLimits(config: RateLimitConfig, options: OpenLimitsOptions): Promise<OpenLimits> {
  const { bus, identity, log, count } = options;
  const { userPerMinute, anonymousPerMinute } = config;
  if (userPerMinute === 0 && anonymousPerMinute === 0) return { callers: undefined, close: () => undefined };
  const isShared = bus !== 'memory' && bus !== 'postgres';
  const redis = isShared
    ? await (await import('./redis-buckets.ts')).openRedisLimits({ url: bus, identity, log })
    : undefined;
  const closing: (() => void)[] = [];
  function bucketsOf({ name, perMinute }: Policy): TokenBuckets {
    if (redis === undefined) return createMemoryBuckets(perMinute);
    const buckets = deferTaking(redis.buckets(name, perMinute), perMinute);
    closing.push(buckets.close);
    return buckets;
  }
  const limitOf = (policy: Policy): Limit | undefined =>
    policy.perMinute === 0 ? undefined : { policy, buckets: bucketsOf(policy) };
  const callers = createCallerLimits(
    {
      user: limitOf({ name: 'user', perMinute: userPerMinute }),
      anonymous: limitOf({ name: 'anonymous', perMinute: anonymousPerMinute }),
    },
    count,
  );
  return {
    callers,
    close() {
      for (const close of closing) close();
      redis?.close();
    },
  };
}
