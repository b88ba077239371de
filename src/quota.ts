import { LRUCache } from 'lru-cache';
import { ServiceError } from './errors.ts';

/** How often something may be done by each of many, in a window of time that begins with the first. */
export interface Quota {
  /** Counts one more. @throws ServiceError REQUESTS_EXCEEDED when that was one too many. */
  take(key: string): void;
}

export interface QuotaOptions {
  /** How often in one window. */
  readonly most: number;
  readonly windowMs: number;
  /** What is counted, in the plural, as the refusal names it. */
  readonly what: string;
  /** Told once in a window that a key has had its share. */
  readonly onExceeded?: (key: string) => void;
  /** The time in milliseconds. */
  readonly now?: () => number;
}

/** Keys that are remembered. Where there are more, whoever did it last is remembered best. */
const remembered = 10_000;

interface Counted {
  count: number;
  readonly endsAt: number;
}

/**
 * Counts in the memory of this process. The limiter of the Coder face needs a request of Fastify's; this one counts
 * what has none, such as a resolver or the message of a socket.
 */
export function createQuota({ most, windowMs, what, onExceeded, now = Date.now }: QuotaOptions): Quota {
  const counts = new LRUCache<string, Counted>({ max: remembered });
  return {
    take(key) {
      const time = now();
      const known = counts.get(key);
      const entry = known !== undefined && time < known.endsAt ? known : { count: 0, endsAt: time + windowMs };
      if (entry !== known) counts.set(key, entry);
      entry.count += 1;
      if (entry.count === most + 1) onExceeded?.(key);
      if (entry.count > most) throw exceeded({ most, windowMs, what }, entry.endsAt);
    },
  };
}

/** `limit` and `reset` are the words that Directus has for it. */
function exceeded({ most, windowMs, what }: QuotaOptions, endsAt: number): ServiceError {
  const reason = `more than ${most} ${what} in ${windowMs / 1000} seconds`;
  const more = { reason, limit: most, reset: new Date(endsAt).toISOString() };
  return new ServiceError('REQUESTS_EXCEEDED', `Too much at one time: ${reason}.`, more);
}

/** In how many seconds, at least one, what was one too many may be asked again; undefined for other errors. */
export function retryAfterSeconds({ code, extensions: { reset } }: ServiceError, now = Date.now()): number | undefined {
  if (code !== 'REQUESTS_EXCEEDED' || typeof reset !== 'string') return undefined;
  return Math.max(1, Math.ceil((Date.parse(reset) - now) / 1000));
}
