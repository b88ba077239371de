import type { InboxChange, InboxFilter, InboxItem, InboxPage } from './requests.ts';

/** What the inbox shows. */
export interface InboxFigures {
  /** Newest first, as far back as was loaded. */
  readonly items: readonly InboxItem[];
  readonly unread: number;
  readonly total: number;
  readonly hasMore: boolean;
}

/** A change made here that the service has not told of yet. */
export interface Intent {
  /** Those it is still shown for. */
  readonly keys: Set<string>;
  /** Undefined: it goes. */
  readonly apply: (item: InboxItem) => InboxItem | undefined;
  /** Everything is meant, also what is not loaded. */
  readonly isAll: boolean;
  /** The service has carried it out. */
  isSettled: boolean;
}

/** What is known from the service, and what was changed here on top of it. */
export interface State {
  cursor(): string | undefined;
  /** Begins anew with a page. */
  start(page: InboxPage, limit: number): void;
  /** Takes one change in. */
  tell(change: InboxChange): void;
  /** The key to read older ones before, and what to call with the page; nothing when all are loaded. */
  older(): { readonly before: string | undefined; take(page: InboxPage, limit: number): void } | undefined;
  loaded(): number;
  begin(apply: Intent['apply'], keys?: readonly string[]): Intent;
  settle(intent: Intent): void;
  rollBack(intent: Intent): void;
  figures(): InboxFigures;
}

type Place = Pick<InboxItem, 'timestamp' | 'id'>;

/** The order of an inbox: newest first, those without a time last. */
function compare(a: Place, b: Place): number {
  if (a.timestamp === b.timestamp) return Number(b.id) - Number(a.id);
  if (a.timestamp === null || b.timestamp === null) return a.timestamp === null ? 1 : -1;
  return a.timestamp < b.timestamp ? 1 : -1;
}

export function createState(filter: InboxFilter): State {
  const isWhole = !filter.targets?.length && !filter.templates?.length && (filter.read_status ?? 'all') === 'all';
  let rows = new Map<string, InboxItem>();
  let intents: Intent[] = [];
  let unread = 0;
  let total = 0;
  let cursor: string | undefined;
  /** The last one loaded; undefined when there are no older ones. */
  let boundary: Place | undefined;
  /** What was told while an older page is read: it may be newer than the page. */
  let told: InboxChange[] | undefined;

  function bound(page: InboxPage, limit: number): void {
    const isEnd = page.notifications.length < limit || (isWhole && rows.size >= page.total_count);
    boundary = isEnd ? undefined : page.notifications.at(-1);
  }

  function put({ kind, key, notification }: InboxChange): void {
    if (key === null) return;
    if (kind === 'deleted') rows.delete(key);
    else if (notification && (rows.has(key) || !boundary || compare(notification, boundary) < 0)) {
      rows.set(key, notification);
    }
  }

  const agrees = ({ apply }: Intent, row: InboxItem | undefined) => {
    const wanted = row && apply(row);
    return wanted === undefined ? row === undefined : (wanted.read_at === null) === (row?.read_at === null);
  };

  /** The service has told of a key: what was meant for it has come true, or was overtaken. */
  function release(key: string): void {
    const last = intents.findLastIndex(
      (intent) => intent.keys.has(key) && (intent.isSettled || agrees(intent, rows.get(key))),
    );
    for (const intent of intents.slice(0, last + 1)) intent.keys.delete(key);
    intents = intents.filter(({ isSettled, keys }) => !isSettled || keys.size > 0);
  }

  const shown = (row: InboxItem) =>
    intents.reduce<InboxItem | undefined>(
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
      intents = intents.filter(({ isSettled }) => !isSettled);
      told = undefined;
      bound(page, limit);
    },
    tell(change) {
      put(change);
      told?.push(change);
      ({ unread_count: unread, total_count: total, cursor } = change);
      if (change.key !== null) release(change.key);
      // What is loaded as a whole is counted here: the figure told may be ahead of the rows.
      if (isWhole && !boundary) total = rows.size;
    },
    older() {
      if (!boundary) return undefined;
      const last = [...rows.values()].sort(compare).at(-1);
      const changes: InboxChange[] = [];
      told = changes;
      return {
        before: last?.id,
        take(page, limit) {
          // The inbox began anew meanwhile.
          if (told !== changes) return;
          told = undefined;
          for (const item of page.notifications) rows.set(item.id, item);
          bound(page, limit);
          for (const change of changes) put(change);
        },
      };
    },
    loaded: () => rows.size,
    begin(apply, keys) {
      const concerned = new Set(
        keys ?? [...rows.values()].filter((row) => shown(row)?.read_at === null).map(({ id }) => id),
      );
      const intent: Intent = { keys: concerned, apply, isAll: keys === undefined, isSettled: false };
      intents.push(intent);
      return intent;
    },
    settle(intent) {
      intent.isSettled = true;
      for (const key of intent.keys) {
        const isOnly = intents.every((other) => other === intent || !other.keys.has(key));
        if (isOnly && agrees(intent, rows.get(key))) intent.keys.delete(key);
      }
      // What is not loaded is marked with it, and told of by and by.
      if (intent.keys.size === 0 && !(intent.isAll && unread > 0)) intents = intents.filter((one) => one !== intent);
    },
    rollBack(intent) {
      intents = intents.filter((one) => one !== intent);
    },
    figures() {
      const items: InboxItem[] = [];
      let gone = 0;
      let marked = 0;
      for (const row of [...rows.values()].sort(compare)) {
        const item = shown(row);
        if (!item) gone += 1;
        else if (isWanted(item)) items.push(item);
        marked += Number(item?.read_at === null) - Number(row.read_at === null);
      }
      const isAllMarked = intents.some(({ isAll }) => isAll);
      return {
        items,
        unread: isAllMarked ? items.filter(({ read_at }) => read_at === null).length : Math.max(0, unread + marked),
        total: Math.max(0, total - gone),
        hasMore: boundary !== undefined,
      };
    },
  };
}
