import { type SharedBuckets, type Taken, type TokenBuckets, windowMs } from './token-buckets.ts';

/** The part of a bucket that a node may give before it tells the others: as much as refills in 1.2 seconds. */
const deferredPart = 1 / 50;
/**
 * Only buckets that are at least as full give points without asking. Too much is then given only if half a bucket is
 * used in a second.
 */
const leastFull = 1 / 2;

export interface DeferOptions {
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
  /** How long points may be given before they are taken. */
  readonly settleMs?: number;
}

export interface DeferredBuckets extends TokenBuckets {
  /** Takes the points that were given from the shared buckets. It happens by itself. */
  settle(): Promise<void>;
  /** What is not settled yet is not taken. */
  close(): void;
}

interface Known {
  /** Points that the shared bucket had at this time, in milliseconds. */
  remaining: number;
  asOf: number;
  /** Points that were given and are not taken from the shared bucket yet. */
  deferred: number;
}

/**
 * Token buckets that ask the shared ones once a second for callers who have most of their points left, because a round
 * trip for each request costs more than the rest of the limit. All other callers are counted exactly. At any time, each
 * node has given at most two percent of a bucket without taking it; what was too much is a debt of the bucket.
 */
export function deferTaking(
  shared: SharedBuckets,
  perMinute: number,
  { now = performance.now.bind(performance), settleMs = 1_000 }: DeferOptions = {},
): DeferredBuckets {
  const msPerPoint = windowMs / perMinute;
  const most = Math.floor(perMinute * deferredPart);
  const least = perMinute * leastFull;
  const known = new Map<string, Known>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function settleLater(): void {
    if (timer !== undefined || isClosed) return;
    timer = setTimeout(async () => {
      await settle();
      timer = undefined;
      if (known.size > 0) settleLater();
    }, settleMs).unref();
  }

  async function settle(): Promise<void> {
    await Promise.all(
      [...known].map(async ([key, bucket]) => {
        const { deferred } = bucket;
        if (deferred === 0) return void known.delete(key);
        const taken = await shared.settle(key, deferred);
        bucket.deferred -= deferred;
        // If it is unknown what is left, the next request asks.
        bucket.remaining = taken?.remaining ?? 0;
        bucket.asOf = now();
      }),
    );
  }

  function noted(key: string, taken: Taken): Taken {
    const { remaining } = taken;
    const bucket = known.get(key);
    if (bucket !== undefined) {
      bucket.remaining = remaining;
      bucket.asOf = now();
    } else if (remaining > least) {
      known.set(key, { remaining, asOf: now(), deferred: 0 });
      settleLater();
    }
    return taken;
  }

  /** The state after points were given. Those that were refilled since the last answer are only shown. */
  function given({ remaining, asOf, deferred }: Known): Taken {
    const refilled = Math.min(remaining + (now() - asOf) / msPerPoint, perMinute);
    const shown = Math.floor(refilled) - deferred;
    return { isAllowed: true, remaining: shown, waitMs: (perMinute - shown) * msPerPoint };
  }

  return {
    take(key, points) {
      const bucket = known.get(key);
      if (bucket !== undefined) {
        const deferred = bucket.deferred + points;
        if (deferred <= most && bucket.remaining - deferred >= least) {
          bucket.deferred = deferred;
          return given(bucket);
        }
      }
      const taken = shared.take(key, points);
      // The bucket is too small to give anything without asking.
      if (most === 0) return taken;
      return taken instanceof Promise ? taken.then((done) => noted(key, done)) : taken;
    },
    settle,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
