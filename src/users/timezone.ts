/**
 * The IANA time zone with this name in its usual upper and lower case, or null if there is none. Offsets such as
 * `+01:00` are not names: they do not know summer time.
 */
export function timezoneName(value: unknown): string | null {
  if (typeof value !== 'string' || !/^[a-z]/i.test(value)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions();
    // An alias such as `Asia/Kolkata` may resolve to another name of the zone: it is kept.
    return timeZone.toLowerCase() === value.toLowerCase() ? timeZone : value;
  } catch {
    return null;
  }
}
