import { Temporal } from 'temporal-polyfill';

/** In the order of ISO 8601: Monday is the first. */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

/**
 * A time of each of these days in which a user is not to be disturbed. `from` and `until` are local times, `HH:MM`.
 * `from` belongs to the window, `until` does not. A window whose `until` is not later than `from` ends on the next day.
 */
export interface QuietWindow {
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly until: string;
}

export interface QuietHours {
  readonly windows: readonly QuietWindow[];
  /** Keys of the categories whose messages are sent all the same. */
  readonly breakthrough: readonly string[];
}

/** The time zone of users who have none. */
export const defaultTimezone = 'UTC';

/** Windows that follow each other hold a message for at most this long. */
const maxDays = 7;

/**
 * The end of the quiet hours at this time, or null if it is not in any. Windows that meet or overlap are one.
 * @param timezone an IANA time zone; null, or one that this version of Node does not know: UTC
 */
export function quietUntil(at: Date, timezone: string | null, windows: readonly QuietWindow[]): Date | null {
  if (windows.length === 0) return null;
  const zone = zoneOf(timezone);
  const latest = at.getTime() + maxDays * 86_400_000;
  let end = at.getTime();
  while (end < latest) {
    const next = endOfWindowsAt(end, zone, windows);
    if (next === end) break;
    end = next;
  }
  return end === at.getTime() ? null : new Date(Math.min(end, latest));
}

/** The latest end of the windows that contain a time in milliseconds, or that time if none does. */
function endOfWindowsAt(at: number, zone: string, windows: readonly QuietWindow[]): number {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();
  let latest = at;
  for (const first of [today.subtract({ days: 1 }), today]) {
    const weekday = weekdays[first.dayOfWeek - 1];
    for (const { days, from, until } of windows) {
      if (!days.some((day) => day === weekday)) continue;
      if (instantOf(first, from, zone) > at) continue;
      const end = instantOf(until > from ? first : first.add({ days: 1 }), until, zone);
      if (end > latest) latest = end;
    }
  }
  return latest;
}

/**
 * The time in milliseconds at which the clocks of a zone show a local time: the first of two; and for a time that the
 * clocks skip, the first moment after the gap.
 */
function instantOf(date: Temporal.PlainDate, time: string, zone: string): number {
  const local = date.toPlainDateTime(time);
  const found = local.toZonedDateTime(zone, { disambiguation: 'compatible' });
  const isSkipped = !found.toPlainDateTime().equals(local);
  const moment = isSkipped ? (found.getTimeZoneTransition('previous') ?? found) : found;
  return moment.epochMilliseconds;
}

function zoneOf(timezone: string | null): string {
  if (timezone === null) return defaultTimezone;
  try {
    return Temporal.Now.zonedDateTimeISO(timezone).timeZoneId;
  } catch {
    return defaultTimezone;
  }
}
