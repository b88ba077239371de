import type { InboxItem } from '@tidings/client';

/** The list as people see it. */
export interface Shown {
  readonly items: readonly InboxItem[];
  /** Number of notifications that came, and are not shown yet. */
  readonly held: number;
  /** Number of new notifications, shown or held, that the update before did not have. */
  readonly arrived: number;
}

/** Decides which notifications of the newest view are shown, so that rows do not move under the pointer. */
export interface Arrivals {
  /**
   * @param items the newest view
   * @param isQuiet whether rows may be inserted: the list is at its top, and neither pointer nor focus is in it
   */
  update(items: readonly InboxItem[], isQuiet: boolean): Shown;
  /** Keeps a notification in its place although the filter lists it no longer: it was read just now. */
  keep(item: InboxItem): void;
  /** Applies a change to kept notifications; those that are elsewhere afterwards are given up. */
  amend(keys: readonly string[], change: (item: InboxItem) => InboxItem | undefined): void;
  /** Begins another list. */
  reset(): void;
}

type Position = Pick<InboxItem, 'id' | 'timestamp'>;

/** Whether `one` stands before `other` in the inbox: newest first, those without a time last. */
function isBefore(one: Position, other: Position): boolean {
  if (one.timestamp === other.timestamp) return Number(one.id) > Number(other.id);
  if (one.timestamp === null || other.timestamp === null) return other.timestamp === null;
  return one.timestamp > other.timestamp;
}

function merge(items: readonly InboxItem[], kept: readonly InboxItem[]): InboxItem[] {
  const all = [...items];
  for (const item of kept) {
    const place = all.findIndex((other) => isBefore(item, other));
    all.splice(place < 0 ? all.length : place, 0, item);
  }
  return all;
}

export function createArrivals(): Arrivals {
  /** The timestamp of everything that was shown, by key: what returns from a snooze has another one, and is new again. */
  let known = new Map<string, string | null>();
  let kept = new Map<string, InboxItem>();
  let end: Position | undefined;
  let held = 0;

  return {
    update(items, isQuiet) {
      const isShown = (item: InboxItem) =>
        known.get(item.id) === item.timestamp || (end !== undefined && isBefore(end, item));
      const old = end ? items.filter(isShown) : items;
      const news = items.length - old.length;
      const arrived = Math.max(0, news - held);
      // Nothing can move in an empty list.
      const shown = isQuiet ? items : old;
      held = items.length - shown.length;
      for (const { id, timestamp } of shown) known.set(id, timestamp);
      end = shown.at(-1);
      for (const { id } of kept.size > 0 ? items : []) kept.delete(id);
      const all = kept.size > 0 ? merge(shown, [...kept.values()]) : shown;
      return { items: all, held, arrived };
    },
    keep: (item) => void kept.set(item.id, item),
    amend(keys, change) {
      for (const key of keys) {
        const item = kept.get(key);
        if (!item) continue;
        const next = change(item);
        if (next && next.state === item.state) kept.set(key, next);
        else kept.delete(key);
      }
    },
    reset() {
      known = new Map();
      kept = new Map();
      end = undefined;
      held = 0;
    },
  };
}
