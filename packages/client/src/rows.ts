import type { InboxItem } from './items.ts';

export type Position = Pick<InboxItem, 'timestamp' | 'id'>;

/** Inbox order: newest first, those without a timestamp last. */
export function compare(a: Position, b: Position): number {
  if (a.timestamp === b.timestamp) return Number(b.id) - Number(a.id);
  if (a.timestamp === null || b.timestamp === null) return a.timestamp === null ? 1 : -1;
  return a.timestamp < b.timestamp ? 1 : -1;
}

/** Notifications by key, kept in inbox order, so that one change does not sort all of them. */
export interface Rows {
  readonly size: number;
  get(key: string): InboxItem | undefined;
  set(row: InboxItem): void;
  delete(key: string): void;
  replace(rows: readonly InboxItem[]): void;
  /** All of them, newest first; the same array until something changes. */
  sorted(): readonly InboxItem[];
}

export function createRows(): Rows {
  let byKey = new Map<string, InboxItem>();
  let order: InboxItem[] = [];
  let snapshot: readonly InboxItem[] | undefined;

  /** The index of a row, or where to insert it. */
  function indexOf(position: Position): number {
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = order[middle];
      if (row && compare(row, position) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function remove(row: InboxItem): void {
    byKey.delete(row.id);
    order.splice(indexOf(row), 1);
    snapshot = undefined;
  }

  return {
    get size() {
      return byKey.size;
    },
    get: (key) => byKey.get(key),
    set(row) {
      const old = byKey.get(row.id);
      if (old && compare(old, row) === 0) order[indexOf(row)] = row;
      else {
        if (old) remove(old);
        order.splice(indexOf(row), 0, row);
      }
      byKey.set(row.id, row);
      snapshot = undefined;
    },
    delete(key) {
      const row = byKey.get(key);
      if (row) remove(row);
    },
    replace(rows) {
      byKey = new Map(rows.map((row) => [row.id, row]));
      order = [...byKey.values()].sort(compare);
      snapshot = undefined;
    },
    sorted() {
      snapshot ??= [...order];
      return snapshot;
    },
  };
}
