import { LRUCache } from 'lru-cache';

/** Names that were checked. Checking one takes 30 microseconds, and lists of users repeat a few. */
const checked = new LRUCache<string, string>({ max: 1000 });

/**
 * The IANA time zone with this name in its usual upper and lower case, or null if there is none. Offsets such as
 * `+01:00` are not accepted, because they have no summer time.
 */
export function timezoneName(value: unknown): string | null {
  if (typeof value !== 'string' || !/^[a-z]/i.test(value)) return null;
  const known = checked.get(value);
  if (known !== undefined) return known;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions();
    // An alias such as `Asia/Kolkata` may resolve to another name of the zone. The alias is kept.
    const name = timeZone.toLowerCase() === value.toLowerCase() ? timeZone : value;
    checked.set(value, name);
    return name;
  } catch {
    return null;
  }
}
