import { LRUCache } from 'lru-cache';

/** A bucket after points were asked for. */
export interface Taken {
  readonly isAllowed: boolean;
  /** Whole points that are left. */
  readonly remaining: number;
  /** Milliseconds: if refused, until the points can be taken; otherwise until the bucket is full again. */
  readonly waitMs: number;
}

/** A token bucket for each key. It holds as many points as a minute refills. */
export interface TokenBuckets {
  /** Takes all of the points or none. More points than a bucket holds are taken when it is full, as a debt. */
  take(key: string, points: number): Taken | Promise<Taken>;
}

/** Token buckets that nodes share. */
export interface SharedBuckets extends TokenBuckets {
  /**
   * Takes points that a caller was given already, as a debt if there are too few. Undefined: the buckets cannot be
   * reached.
   */
  settle(key: string, points: number): Promise<Taken | undefined>;
}

/** Token buckets in the memory of this process. */
export interface MemoryBuckets extends TokenBuckets {
  take(key: string, points: number): Taken;
}

/** How long an empty bucket takes to refill. */
export const windowMs = 60_000;

/** Maximum number of buckets. The least recently used are dropped: most of them are full again. */
const maxBuckets = 10_000;

/** Allows for the rounding of sums, in milliseconds. */
const rounding = 1e-6;

interface Bucket {
  /** When it is full again; the missing points follow from that. */
  fullAt: number;
}

/** @param now milliseconds of a monotonic clock */
export function createMemoryBuckets(
  perMinute: number,
  now: () => number = performance.now.bind(performance),
): MemoryBuckets {
  const msPerPoint = windowMs / perMinute;
  const buckets = new LRUCache<string, Bucket>({ max: maxBuckets });
  const wholePoints = (missingMs: number) => Math.max(Math.floor((windowMs - missingMs) / msPerPoint + rounding), 0);
  return {
    take(key, points) {
      const time = now();
      const bucket = buckets.get(key);
      const missingMs = Math.max((bucket?.fullAt ?? time) - time, 0);
      const costMs = points * msPerPoint;
      const excessMs = missingMs + Math.min(costMs, windowMs) - windowMs;
      if (excessMs > rounding) return { isAllowed: false, remaining: wholePoints(missingMs), waitMs: excessMs };
      const waitMs = missingMs + costMs;
      // Not set again: that takes as long as everything else here.
      if (bucket) bucket.fullAt = time + waitMs;
      else buckets.set(key, { fullAt: time + waitMs });
      return { isAllowed: true, remaining: wholePoints(waitMs), waitMs };
    },
  };
}
