import type { ReactiveController, ReactiveControllerHost } from 'lit';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Formats are costly to make and used for every row. */
const formats = new Map<string, Intl.DateTimeFormat | Intl.RelativeTimeFormat>();
function cached<Format extends Intl.DateTimeFormat | Intl.RelativeTimeFormat>(key: string, make: () => Format): Format {
  const format = formats.get(key) ?? make();
  formats.set(key, format);
  // The key names the kind of format.
  return format as Format;
}

function dateFormat(tag: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached(`date ${tag} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(tag, options));
}

function relativeFormat(tag: string, style: 'long' | 'narrow'): Intl.RelativeTimeFormat {
  return cached(`relative ${tag} ${style}`, () => new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style }));
}

/** Calendar days from one date to another, in the browser's time zone. */
export function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(to) - midnight(from)) / dayMs);
}

/** How long ago, for a row: "now", "5 min. ago", "3 hr. ago", "yesterday", then the date. Also for times to come. */
export function relativeTime(date: Date, now: Date, tag: string): string {
  const passedMs = date.getTime() - now.getTime();
  const distanceMs = Math.abs(passedMs);
  const format = relativeFormat(tag, 'narrow');
  if (distanceMs < minuteMs) return format.format(0, 'second');
  if (distanceMs < hourMs) return format.format(Math.trunc(passedMs / minuteMs), 'minute');
  if (distanceMs < 12 * hourMs) return format.format(Math.trunc(passedMs / hourMs), 'hour');
  const days = daysBetween(now, date);
  if (days === 0) return format.format(Math.trunc(passedMs / hourMs), 'hour');
  if (Math.abs(days) < 7) return relativeFormat(tag, 'long').format(days, 'day');
  return dateFormat(tag, {
    month: 'short',
    day: 'numeric',
    ...(date.getFullYear() !== now.getFullYear() && { year: 'numeric' }),
  }).format(date);
}

/** The whole date and time, for a tooltip and for snoozed rows. */
export function fullTime(date: Date, tag: string): string {
  return dateFormat(tag, { dateStyle: 'full', timeStyle: 'short' }).format(date);
}

/** A weekday and time within a week, else a date and time: until when something is snoozed. */
export function shortTime(date: Date, now: Date, tag: string): string {
  const days = daysBetween(now, date);
  const time: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' };
  if (days === 0) return dateFormat(tag, time).format(date);
  if (days > 0 && days < 7) return dateFormat(tag, { weekday: 'short', ...time }).format(date);
  return dateFormat(tag, { month: 'short', day: 'numeric', ...time }).format(date);
}

/** The heading of a day: Today, Yesterday, the weekday within the week, else the date. */
export function dayHeading(date: Date, now: Date, tag: string): string {
  const days = daysBetween(now, date);
  if (days >= -1 && days <= 1) return capitalized(relativeFormat(tag, 'long').format(days, 'day'), tag);
  if (days < 0 && days > -7) return capitalized(dateFormat(tag, { weekday: 'long' }).format(date), tag);
  const withYear = date.getFullYear() !== now.getFullYear();
  return dateFormat(tag, { day: 'numeric', month: 'long', ...(withYear && { year: 'numeric' }) }).format(date);
}

/** A key of the calendar day, such as `2026-03-01`: rows with the same key are one group. */
export function dayKey(date: Date): string {
  const pad = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function capitalized(text: string, tag: string): string {
  const [first = '', ...rest] = text;
  return first.toLocaleUpperCase(tag) + rest.join('');
}

const clocks = new Set<Clock>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** One timer for all elements of the page; none while the page is hidden. */
function schedule(): void {
  clearTimeout(timer);
  timer = undefined;
  if (clocks.size === 0 || document.visibilityState === 'hidden') return;
  timer = setTimeout(tick, minuteMs / 2);
}

function tick(): void {
  for (const clock of clocks) clock.tick();
  schedule();
}

function onVisibility(): void {
  if (document.visibilityState === 'visible') tick();
  else schedule();
}

/** Updates the host twice a minute, so that its relative times stay right. */
export class Clock implements ReactiveController {
  now = new Date();
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.now = new Date();
    if (clocks.size === 0) document.addEventListener('visibilitychange', onVisibility);
    clocks.add(this);
    if (timer === undefined) schedule();
  }

  hostDisconnected(): void {
    clocks.delete(this);
    if (clocks.size > 0) return;
    document.removeEventListener('visibilitychange', onVisibility);
    schedule();
  }

  hostUpdate(): void {
    this.now = new Date();
  }

  tick(): void {
    this.#host.requestUpdate();
  }
}
