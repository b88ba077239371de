import { LRUCache } from 'lru-cache';
import { ServiceError } from './errors.ts';

/** Limits the uses of each key in a window that starts with the first use. */
export interface Quota {
  /** Counts one use. @throws ServiceError REQUESTS_EXCEEDED beyond the limit. */
  take(key: string): void;
}

export interface QuotaOptions {
  /** Maximum uses in a window. */
  readonly most: number;
  readonly windowMs: number;
  /** What is counted, in the plural, for the error message. */
  readonly what: string;
  /** Called once per window when a key reaches its limit. */
  readonly onExceeded?: (key: string) => void;
  /** The time in milliseconds. */
  readonly now?: () => number;
}

/** Maximum number of keys; the least recently used are dropped. */
const remembered = 10_000;

interface Counted {
  count: number;
  readonly endsAt: number;
}

/**
 * Counts in the memory of this process. It is for events that should be rare, such as wrong tokens: after the limit,
 * there are no more until the window ends. Requests are limited by token buckets, which refill all the time.
 */
export function createQuota({ most, windowMs, what, onExceeded, now = Date.now }: QuotaOptions): Quota {
  const counts = new LRUCache<string, Counted>({ max: remembered });
  return {
    take(key) {
      const time = now();
      const current = counts.get(key);
      const entry = current !== undefined && time < current.endsAt ? current : { count: 0, endsAt: time + windowMs };
      if (entry !== current) counts.set(key, entry);
      entry.count += 1;
      if (entry.count === most + 1) onExceeded?.(key);
      if (entry.count > most) throw exceeded({ most, windowMs, what }, entry.endsAt);
    },
  };
}

/**
 * The error for a limit that was reached. Directus uses the names `limit` and `reset`.
 * @param endsAt when to try again, in milliseconds since 1970
 */
export function exceeded(
  { most, windowMs, what }: Pick<QuotaOptions, 'most' | 'windowMs' | 'what'>,
  endsAt: number,
): ServiceError {
  const reason = `more than ${most} ${what} in ${windowMs / 1000} seconds`;
  const more = { reason, limit: most, reset: new Date(endsAt).toISOString() };
  return new ServiceError('REQUESTS_EXCEEDED', `Too many requests: ${reason}.`, more);
}

/** Seconds until a refused use or a running request may be retried, at least one; undefined for other errors. */
export function retryAfterSeconds({ code, extensions: { reset } }: ServiceError, now = Date.now()): number | undefined {
  if (code === 'REQUEST_IN_PROGRESS') return 1;
  if (code !== 'REQUESTS_EXCEEDED' || typeof reset !== 'string') return undefined;
  return Math.max(1, Math.ceil((Date.parse(reset) - now) / 1000));
}
