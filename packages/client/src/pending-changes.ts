import { isAfter } from './cursors.ts';
import {
  countsOf,
  type InboxCounts,
  type InboxItem,
  type ItemChange,
  isListed,
  isSameState,
  type PageConditions,
} from './items.ts';
import type { Rows } from './rows.ts';

/** What a change of the whole inbox makes 0, also for notifications that are not loaded. */
export type Emptied = 'unread' | 'unseen';

/** A change made by this client that the stream has not confirmed yet. */
export interface PendingChange {
  /** Keys of the notifications it still applies to. */
  readonly keys: Set<string>;
  readonly apply: ItemChange;
  readonly empties: Emptied | undefined;
  /** True once the service has carried it out. */
  isSettled: boolean;
  /** A cursor at which the service had carried it out. The rows of a view that has come so far include it. */
  doneAt?: string;
}

/** The notifications that a change of this client applies to. */
export interface Scope {
  /** Default: all loaded notifications that are shown. */
  readonly keys?: readonly string[] | undefined;
  readonly empties?: Emptied | undefined;
}

/** The changes made by this client that the stream has not confirmed yet, in their order. */
export interface PendingChanges {
  begin(apply: ItemChange, scope: Scope): PendingChange;
  /** The service has carried it out. @param isAwaited whether it is kept although its notifications are confirmed */
  settle(change: PendingChange, isAwaited: boolean): void;
  /** Drops what the rows include at this cursor: another change may have replaced it before the stream could confirm it. */
  reach(cursor: string): void;
  /** Drops what the received row with this key confirms or replaces. */
  confirm(key: string | null): void;
  settled(): readonly PendingChange[];
  drop(changes: readonly PendingChange[]): void;
  /** The listed notifications as they are after these changes. */
  shown(): readonly InboxItem[];
  /** The counts as they are after these changes. */
  predict(received: InboxCounts): InboxCounts;
}

function combine(one: InboxCounts, other: InboxCounts, how: (one: number, other: number) => number): InboxCounts {
  return {
    unread: how(one.unread, other.unread),
    unseen: how(one.unseen, other.unseen),
    total: how(one.total, other.total),
    saved: how(one.saved, other.saved),
    snoozed: how(one.snoozed, other.snoozed),
  };
}

const plus = (one: number, other: number) => one + other;
const minus = (one: number, other: number) => one - other;
/** A received count may be older than the notifications. */
const atLeastNone = (one: number, other: number) => Math.max(0, one + other);

/** `change`, which computes the result for a row once. */
function remembering(change: ItemChange): ItemChange {
  const results = new WeakMap<InboxItem, { readonly item: InboxItem | undefined }>();
  return (row) => {
    let result = results.get(row);
    if (!result) {
      result = { item: change(row) };
      results.set(row, result);
    }
    return result.item;
  };
}

/** @param rows as received from the service */
export function createPendingChanges(rows: Rows, conditions: PageConditions): PendingChanges {
  let pending: PendingChange[] = [];

  const after = (row: InboxItem) =>
    pending.reduce<InboxItem | undefined>(
      (item, { keys, apply }) => (item && keys.has(row.id) ? apply(item) : item),
      row,
    );

  const agrees = ({ apply }: PendingChange, row: InboxItem | undefined) => {
    const wanted = row && apply(row);
    return wanted === undefined || row === undefined ? wanted === row : isSameState(wanted, row);
  };

  return {
    begin(apply, { keys, empties }) {
      const isChanged = (row: InboxItem) => {
        const item = after(row);
        if (!item || !isListed(item, conditions)) return false;
        const next = apply(item);
        return !next || !isSameState(item, next) || item.seen !== next.seen;
      };
      const concerned =
        keys ??
        rows
          .sorted()
          .filter(isChanged)
          .map(({ id }) => id);
      const change: PendingChange = { keys: new Set(concerned), apply: remembering(apply), empties, isSettled: false };
      pending.push(change);
      return change;
    },
    settle(change, isAwaited) {
      change.isSettled = true;
      for (const key of change.keys) {
        const isOnly = pending.every((other) => other === change || !other.keys.has(key));
        if (isOnly && agrees(change, rows.get(key))) change.keys.delete(key);
      }
      if (change.keys.size === 0 && !isAwaited) pending = pending.filter((one) => one !== change);
    },
    confirm(key) {
      if (pending.length === 0) return;
      if (key !== null) {
        const row = rows.get(key);
        const isConfirmed = (change: PendingChange) => change.isSettled || agrees(change, row);
        const last = pending.findLastIndex((change) => change.keys.has(key) && isConfirmed(change));
        for (const change of pending.slice(0, last + 1)) change.keys.delete(key);
      }
      pending = pending.filter(({ isSettled, keys }) => !isSettled || keys.size > 0);
    },
    reach(cursor) {
      if (pending.length === 0) return;
      pending = pending.filter(({ doneAt }) => doneAt === undefined || isAfter(doneAt, cursor));
    },
    settled: () => pending.filter(({ isSettled }) => isSettled),
    drop(changes) {
      if (changes.length > 0) pending = pending.filter((change) => !changes.includes(change));
    },
    shown() {
      const sorted = rows.sorted();
      const isShown = (item: InboxItem | undefined) => item !== undefined && isListed(item, conditions);
      if (pending.length === 0) return sorted.every(isShown) ? sorted : sorted.filter(isShown);
      return sorted.flatMap((row) => after(row) ?? []).filter(isShown);
    },
    predict(received) {
      if (pending.length === 0) return received;
      const emptied = pending.flatMap(({ empties }) => empties ?? []);
      const none = countsOf(undefined);
      let added = none;
      let loaded = none;
      for (const row of rows.sorted()) {
        const item = after(row);
        if (item !== row) added = combine(added, combine(countsOf(item), countsOf(row), minus), plus);
        if (emptied.length > 0) loaded = combine(loaded, countsOf(item), plus);
      }
      const emptiedCounts = Object.fromEntries(emptied.map((name) => [name, loaded[name]]));
      return { ...combine(received, added, atLeastNone), ...emptiedCounts };
    },
  };
}
