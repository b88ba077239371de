import type { InboxItem } from '@tidings/client';

/** A line of the list: the heading of a day, or a notification. `key` is unique in the list. */
export type Line =
  | { readonly kind: 'day'; readonly key: string; readonly start: number | undefined }
  | { readonly kind: 'item'; readonly key: string; readonly item: InboxItem; readonly position: number };

/** Midnight at the beginning of the day of a time, in the time zone of the page; milliseconds. */
export function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/**
 * Groups notifications by the day of their timestamp. They must be sorted, newest first. `start` of a day is its midnight
 * in milliseconds; undefined for notifications without a time.
 */
export function linesOf(items: readonly InboxItem[]): Line[] {
  const lines: Line[] = [];
  let day: number | undefined | null = null;
  /** Midnight as the service writes it, so that times of one day are compared as text: 10,000 need no parsing. */
  let dayText = '';
  for (const [position, item] of items.entries()) {
    const { timestamp } = item;
    const isSameDay =
      day !== null && (timestamp === null ? day === undefined : day !== undefined && timestamp >= dayText);
    if (!isSameDay) {
      day = timestamp === null ? undefined : startOfDay(Date.parse(timestamp));
      dayText = day === undefined ? '' : new Date(day).toISOString();
      lines.push({ kind: 'day', key: `day ${day}`, start: day });
    }
    lines.push({ kind: 'item', key: item.id, item, position });
  }
  return lines;
}
