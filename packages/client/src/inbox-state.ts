import type { InboxChange, InboxFilter, InboxItem, InboxPage } from './requests.ts';

/** The loaded notifications and the counts of the inbox. */
export interface InboxContents {
  /** Newest first, as far back as loaded. */
  readonly items: readonly InboxItem[];
  readonly unread: number;
  readonly total: number;
  readonly hasMore: boolean;
}

/** A change made by this client that the stream has not confirmed yet. */
export interface PendingChange {
  /** Keys of the notifications it still applies to. */
  readonly keys: Set<string>;
  /** Returns undefined to remove the item. */
  readonly apply: (item: InboxItem) => InboxItem | undefined;
  /** Whether it applies to the whole inbox, including notifications that are not loaded. */
  readonly isAll: boolean;
  /** True once the service has carried it out. */
  isSettled: boolean;
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
  begin(apply: PendingChange['apply'], keys?: readonly string[]): PendingChange;
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

export function createState(filter: InboxFilter): State {
  const isWhole = !filter.targets?.length && !filter.templates?.length && (filter.read_status ?? 'all') === 'all';
  let rows = new Map<string, InboxItem>();
  let pending: PendingChange[] = [];
  let unread = 0;
  let total = 0;
  let cursor: string | undefined;
  /** The oldest loaded notification; undefined when there are no older ones. */
  let boundary: Position | undefined;
  /** Changes received while an older page is loading; they may be newer than the page. */
  let receivedMeanwhile: InboxChange[] | undefined;

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

  const agrees = ({ apply }: PendingChange, row: InboxItem | undefined) => {
    const wanted = row && apply(row);
    return wanted === undefined ? row === undefined : (wanted.read_at === null) === (row?.read_at === null);
  };

  /** Drops unconfirmed changes to this key that the received change confirms or replaces. */
  function dropConfirmed(key: string): void {
    const last = pending.findLastIndex(
      (change) => change.keys.has(key) && (change.isSettled || agrees(change, rows.get(key))),
    );
    for (const change of pending.slice(0, last + 1)) change.keys.delete(key);
    pending = pending.filter(({ isSettled, keys }) => !isSettled || keys.size > 0);
  }

  const shown = (row: InboxItem) =>
    pending.reduce<InboxItem | undefined>(
      (item, { keys, apply }) => (item && keys.has(row.id) ? apply(item) : item),
      row,
    );
  const isWanted = ({ read_at }: InboxItem) =>
    filter.read_status === 'unread' ? read_at === null : filter.read_status !== 'read' || read_at !== null;

  return {
    cursor: () => cursor,
    start(page, limit) {
      rows = new Map(page.notifications.map((item) => [item.id, item]));
      ({ unread_count: unread, total_count: total, cursor } = page);
      pending = pending.filter(({ isSettled }) => !isSettled);
      receivedMeanwhile = undefined;
      bound(page, limit);
    },
    apply(change) {
      store(change);
      receivedMeanwhile?.push(change);
      ({ unread_count: unread, total_count: total, cursor } = change);
      if (change.key !== null) dropConfirmed(change.key);
      // With everything loaded the total is counted here, because the received total may be ahead of the rows.
      if (isWhole && !boundary) total = rows.size;
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
    begin(apply, keys) {
      const concerned = new Set(
        keys ?? [...rows.values()].filter((row) => shown(row)?.read_at === null).map(({ id }) => id),
      );
      const change: PendingChange = { keys: concerned, apply, isAll: keys === undefined, isSettled: false };
      pending.push(change);
      return change;
    },
    settle(change) {
      change.isSettled = true;
      for (const key of change.keys) {
        const isOnly = pending.every((other) => other === change || !other.keys.has(key));
        if (isOnly && agrees(change, rows.get(key))) change.keys.delete(key);
      }
      // Kept until the stream has confirmed the notifications that are not loaded.
      if (change.keys.size === 0 && !(change.isAll && unread > 0)) pending = pending.filter((one) => one !== change);
    },
    rollBack(change) {
      pending = pending.filter((one) => one !== change);
    },
    contents() {
      const items: InboxItem[] = [];
      let gone = 0;
      let marked = 0;
      for (const row of [...rows.values()].sort(compare)) {
        const item = shown(row);
        if (!item) gone += 1;
        else if (isWanted(item)) items.push(item);
        marked += Number(item?.read_at === null) - Number(row.read_at === null);
      }
      const isAllMarked = pending.some(({ isAll }) => isAll);
      return {
        items,
        unread: isAllMarked ? items.filter(({ read_at }) => read_at === null).length : Math.max(0, unread + marked),
        total: Math.max(0, total - gone),
        hasMore: boundary !== undefined,
      };
    },
  };
}
