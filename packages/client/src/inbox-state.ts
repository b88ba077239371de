import {
  conditionsOf,
  countsOf,
  type InboxCounts,
  type InboxFilter,
  type InboxItem,
  type ItemChange,
  type ItemConditions,
  isListed,
  isSameState,
} from './items.ts';
import type { InboxChange, InboxFigures, InboxPage } from './requests.ts';

/** The loaded notifications and the counts of the inbox. */
export interface InboxContents extends InboxCounts {
  /** Newest first, as far back as loaded. */
  readonly items: readonly InboxItem[];
  readonly hasMore: boolean;
}

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
}

/** The notifications that a change of this client applies to. */
export interface Scope {
  /** Default: all loaded notifications that are shown. */
  readonly keys?: readonly string[] | undefined;
  readonly empties?: Emptied | undefined;
}

/** The state received from the service, with unconfirmed changes on top. */
export interface State {
  cursor(): string | undefined;
  /** Replaces everything by a page. */
  start(page: InboxPage, limit: number): void;
  /** Applies one change from the stream. */
  apply(change: InboxChange): void;
  /**
   * Begins to load an older page. `before` is the key of the oldest loaded notification; `take` adds the page.
   * Undefined when everything is loaded.
   */
  older(): { readonly before: string | undefined; take(page: InboxPage, limit: number): void } | undefined;
  loaded(): number;
  begin(apply: ItemChange, scope: Scope): PendingChange;
  settle(change: PendingChange): void;
  rollBack(change: PendingChange): void;
  contents(): InboxContents;
}

type Position = Pick<InboxItem, 'timestamp' | 'id'>;

/** Inbox order: newest first, those without a timestamp last. */
function compare(a: Position, b: Position): number {
  if (a.timestamp === b.timestamp) return Number(b.id) - Number(a.id);
  if (a.timestamp === null || b.timestamp === null) return a.timestamp === null ? 1 : -1;
  return a.timestamp < b.timestamp ? 1 : -1;
}

const nothing: InboxCounts = countsOf(undefined);

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

function isWholeInbox({ states, saved, read, targets, templates, not }: ItemConditions): boolean {
  const isInbox = !states?.length || states.every((state) => state === 'inbox');
  return isInbox && saved === undefined && read === undefined && !targets?.length && !templates?.length && !not;
}

export function createState(filter: InboxFilter): State {
  const conditions = conditionsOf(filter);
  const isWhole = isWholeInbox(conditions);
  let rows = new Map<string, InboxItem>();
  let pending: PendingChange[] = [];
  let received = nothing;
  let cursor: string | undefined;
  /** The oldest loaded notification; undefined when there are no older ones. */
  let boundary: Position | undefined;
  /** Changes received while an older page is loading; they may be newer than the page. */
  let receivedMeanwhile: InboxChange[] | undefined;

  function take(figures: InboxFigures): void {
    received = {
      unread: figures.unread_count,
      unseen: figures.unseen_count,
      total: figures.total_count,
      saved: figures.saved_count,
      snoozed: figures.snoozed_count,
    };
    cursor = figures.cursor;
  }

  function bound(page: InboxPage, limit: number): void {
    const isEnd = page.notifications.length < limit || (isWhole && rows.size >= page.total_count);
    boundary = isEnd ? undefined : page.notifications.at(-1);
  }

  function store({ kind, key, notification }: InboxChange): void {
    if (key === null) return;
    if (kind === 'deleted') rows.delete(key);
    else if (notification && (rows.has(key) || !boundary || compare(notification, boundary) < 0)) {
      rows.set(key, notification);
    }
  }

  /** Nothing in the stream tells that single notifications were seen. */
  function markSeen(keys: Iterable<string>): void {
    for (const key of keys) {
      const row = rows.get(key);
      if (row && !row.seen) rows.set(key, { ...row, seen: true });
    }
  }

  const agrees = ({ apply }: PendingChange, row: InboxItem | undefined) => {
    const wanted = row && apply(row);
    return wanted === undefined || row === undefined ? wanted === row : isSameState(wanted, row);
  };

  /** Drops unconfirmed changes to this key that the received change confirms or replaces. */
  function dropConfirmed(key: string): void {
    const last = pending.findLastIndex(
      (change) => change.keys.has(key) && (change.isSettled || agrees(change, rows.get(key))),
    );
    for (const change of pending.slice(0, last + 1)) change.keys.delete(key);
  }

  const shown = (row: InboxItem) =>
    pending.reduce<InboxItem | undefined>(
      (item, { keys, apply }) => (item && keys.has(row.id) ? apply(item) : item),
      row,
    );

  return {
    cursor: () => cursor,
    start(page, limit) {
      rows = new Map(page.notifications.map((item) => [item.id, item]));
      take(page);
      pending = pending.filter(({ isSettled }) => !isSettled);
      receivedMeanwhile = undefined;
      bound(page, limit);
    },
    apply(change) {
      store(change);
      receivedMeanwhile?.push(change);
      take(change);
      if (received.unseen === 0) markSeen(rows.keys());
      if (change.key !== null) dropConfirmed(change.key);
      pending = pending.filter(({ isSettled, keys }) => !isSettled || keys.size > 0);
      // With everything loaded the total is counted here, because the received total may be ahead of the rows.
      if (isWhole && !boundary) received = { ...received, total: rows.size };
    },
    older() {
      if (!boundary) return undefined;
      const last = [...rows.values()].sort(compare).at(-1);
      const changes: InboxChange[] = [];
      receivedMeanwhile = changes;
      return {
        before: last?.id,
        take(page, limit) {
          // The inbox was reset in the meantime.
          if (receivedMeanwhile !== changes) return;
          receivedMeanwhile = undefined;
          for (const item of page.notifications) rows.set(item.id, item);
          bound(page, limit);
          for (const change of changes) store(change);
        },
      };
    },
    loaded: () => rows.size,
    begin(apply, { keys, empties }) {
      const isChanged = (row: InboxItem) => {
        const item = shown(row);
        if (!item || !isListed(item, conditions)) return false;
        const next = apply(item);
        return !next || !isSameState(item, next) || item.seen !== next.seen;
      };
      const concerned = keys ?? [...rows.values()].filter(isChanged).map(({ id }) => id);
      const change: PendingChange = { keys: new Set(concerned), apply, empties, isSettled: false };
      pending.push(change);
      return change;
    },
    settle(change) {
      change.isSettled = true;
      if (change.empties === 'unseen') {
        markSeen(change.keys);
        change.keys.clear();
      }
      for (const key of change.keys) {
        const isOnly = pending.every((other) => other === change || !other.keys.has(key));
        if (isOnly && agrees(change, rows.get(key))) change.keys.delete(key);
      }
      // Kept until the stream has confirmed the notifications that are not loaded.
      const isAwaited = change.empties !== undefined && received[change.empties] > 0;
      if (change.keys.size === 0 && !isAwaited) pending = pending.filter((one) => one !== change);
    },
    rollBack(change) {
      pending = pending.filter((one) => one !== change);
    },
    contents() {
      const items: InboxItem[] = [];
      const emptied = pending.flatMap(({ empties }) => empties ?? []);
      let added = nothing;
      let loaded = nothing;
      for (const row of [...rows.values()].sort(compare)) {
        const item = shown(row);
        if (item && isListed(item, conditions)) items.push(item);
        if (item !== row) added = combine(added, combine(countsOf(item), countsOf(row), minus), plus);
        if (emptied.length > 0) loaded = combine(loaded, countsOf(item), plus);
      }
      const counts = combine(received, added, atLeastNone);
      const emptiedCounts = Object.fromEntries(emptied.map((name) => [name, loaded[name]]));
      return { items, ...counts, ...emptiedCounts, hasMore: boundary !== undefined };
    },
  };
}
