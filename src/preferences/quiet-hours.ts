import { LRUCache } from 'lru-cache';
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

/** A local date, such as `2026-10-25`, with its day of the week and the date after it. */
interface LocalDay {
  readonly weekday: Weekday | undefined;
  readonly date: string;
  readonly next: string;
}

/** Local times and dates that were computed: each takes tens of microseconds, and many users share them. */
const instants = new LRUCache<string, number>({ max: 20_000 });
const zones = new LRUCache<string, string>({ max: 1_000 });
const localDays = new LRUCache<string, readonly LocalDay[]>({ max: 2_000 });

/** The latest end of the windows that contain a time in milliseconds, or that time if none does. */
function endOfWindowsAt(at: number, zone: string, windows: readonly QuietWindow[]): number {
  let latest = at;
  for (const { weekday, date, next } of yesterdayAndToday(at, zone)) {
    for (const { days, from, until } of windows) {
      if (!days.some((day) => day === weekday) || instantOf(date, from, zone) > at) continue;
      latest = Math.max(latest, instantOf(until > from ? date : next, until, zone));
    }
  }
  return latest;
}

/** The local dates on which a window that contains this time can begin. */
function yesterdayAndToday(at: number, zone: string): readonly LocalDay[] {
  // Dates change at full minutes.
  const minute = Math.floor(at / 60_000) * 60_000;
  const key = `${zone} ${minute}`;
  const known = localDays.get(key);
  if (known !== undefined) return known;
  const today = Temporal.Instant.fromEpochMilliseconds(minute).toZonedDateTimeISO(zone).toPlainDate();
  const found = [today.subtract({ days: 1 }), today].map((date) => ({
    weekday: weekdays[date.dayOfWeek - 1],
    date: date.toString(),
    next: date.add({ days: 1 }).toString(),
  }));
  localDays.set(key, found);
  return found;
}

function instantOf(date: string, time: string, zone: string): number {
  const key = `${zone} ${date} ${time}`;
  const known = instants.get(key);
  if (known !== undefined) return known;
  const instant = computeInstant(Temporal.PlainDateTime.from(`${date}T${time}`), zone);
  instants.set(key, instant);
  return instant;
}

/**
 * The time in milliseconds at which the clocks of a zone show a local time: the first of two; and for a time that the
 * clocks skip, the first moment after the gap.
 */
function computeInstant(local: Temporal.PlainDateTime, zone: string): number {
  const found = local.toZonedDateTime(zone, { disambiguation: 'compatible' });
  const isSkipped = !found.toPlainDateTime().equals(local);
  const moment = isSkipped ? (found.getTimeZoneTransition('previous') ?? found) : found;
  return moment.epochMilliseconds;
}

function zoneOf(timezone: string | null): string {
  if (timezone === null) return defaultTimezone;
  const known = zones.get(timezone);
  if (known !== undefined) return known;
  const found = knownZone(timezone) ?? defaultTimezone;
  zones.set(timezone, found);
  return found;
}

function knownZone(timezone: string): string | undefined {
  try {
    return Temporal.Now.zonedDateTimeISO(timezone).timeZoneId;
  } catch {
    return undefined;
  }
}
