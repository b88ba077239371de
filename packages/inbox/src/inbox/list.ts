import type { InboxCounts, InboxItem, InboxStatus, ItemChange, LiveInbox } from '@tidings/client/shared';
import { createArrivals } from './arrivals.ts';
import { type Line, linesOf } from './days.ts';

/** The list as it is drawn. */
export interface ListView {
  readonly items: readonly InboxItem[];
  readonly lines: readonly Line[];
  /** The keys of the items, in their order. */
  readonly keys: readonly string[];
  /** Number of notifications that came and are not shown yet. */
  readonly held: number;
  readonly hasMore: boolean;
  /** `none` while there is no service to ask. */
  readonly status: InboxStatus | 'none';
  /** False before the first page. */
  readonly isLoaded: boolean;
  readonly isLoadingMore: boolean;
  /** The last page could not be read. */
  readonly isMoreRefused: boolean;
  /** Those of the service; of an earlier list until the first page of this one. Undefined before any. */
  readonly counts: InboxCounts | undefined;
  /** The position up to which notifications are shown; none that came later. */
  readonly cursor: string | undefined;
}

export interface List {
  view(): ListView;
  live(): LiveInbox | undefined;
  /** Shows another list. @param open opens it; undefined: there is no service */
  show(open: (() => LiveInbox) | undefined): void;
  /** Keeps the present list open until this is over, also when another one is shown meanwhile. */
  finish(work: Promise<unknown>): void;
  /** Shows what came and was held back. */
  accept(): void;
  loadMore(): Promise<void>;
  /** Keeps a notification in its place although it was read, until another list is shown. */
  keep(item: InboxItem): void;
  /** Applies a change made here to what is kept. */
  amend(keys: readonly string[], change: ItemChange): void;
}

const nothing: ListView = {
  items: [],
  lines: [],
  keys: [],
  held: 0,
  hasMore: false,
  status: 'none',
  isLoaded: false,
  isLoadingMore: false,
  isMoreRefused: false,
  counts: undefined,
  cursor: undefined,
};

/** @param isQuiet whether rows may be inserted without being asked for */
export function createList({
  isQuiet,
  onChange,
  onArrival,
}: {
  readonly isQuiet: () => boolean;
  readonly onChange: () => void;
  /** Called with the number of new notifications. */
  readonly onArrival: (count: number) => void;
}): List {
  const arrivals = createArrivals();
  let live: LiveInbox | undefined;
  let end = () => {};
  let view = nothing;
  /** What closing would abort. */
  let unfinished: readonly Promise<unknown>[] = [];
  let latest: readonly InboxItem[] | undefined;

  function set(part: Partial<ListView>): void {
    view = { ...view, ...part };
    onChange();
  }

  function update(isAsked = false): void {
    if (!live) return;
    const { items, hasMore, status, cursor, unread, unseen, total, saved, snoozed } = live.current();
    const isLoaded = cursor !== undefined;
    const part = { hasMore, status, isLoaded, ...(isLoaded && { counts: { unread, unseen, total, saved, snoozed } }) };
    if (items === latest && !isAsked) {
      set(part);
      return;
    }
    latest = items;
    const shown = arrivals.update(items, isAsked || isQuiet());
    const lines = linesOf(shown.items);
    set({
      ...part,
      items: shown.items,
      held: shown.held,
      lines,
      keys: shown.items.map(({ id }) => id),
      cursor: shown.held > 0 ? view.cursor : cursor,
    });
    if (shown.arrived > 0) onArrival(shown.arrived);
  }

  /** Draws the newest view again, with what changed here. */
  function redraw(): void {
    latest = undefined;
    update();
  }

  return {
    view: () => view,
    live: () => live,
    show(open) {
      arrivals.reset();
      latest = undefined;
      view = { ...nothing, counts: open ? view.counts : undefined };
      const next = open?.();
      end();
      live = next;
      if (!next) {
        end = () => {};
        onChange();
        return;
      }
      const unsubscribe = next.subscribe(() => update());
      end = () => {
        unsubscribe();
        void Promise.allSettled(unfinished).then(() => next.close());
        unfinished = [];
      };
      update();
    },
    finish(work) {
      unfinished = [...unfinished, work];
      const over = () => {
        unfinished = unfinished.filter((other) => other !== work);
      };
      work.then(over, over);
    },
    accept: () => update(true),
    async loadMore() {
      const asked = live;
      if (!asked || view.isLoadingMore || !view.hasMore) return;
      set({ isLoadingMore: true, isMoreRefused: false });
      const isMoreRefused = await asked.loadMore().then(
        () => false,
        () => true,
      );
      if (live === asked) set({ isLoadingMore: false, isMoreRefused });
    },
    keep(item) {
      arrivals.keep(item);
      redraw();
    },
    amend(keys, change) {
      arrivals.amend(keys, change);
      redraw();
    },
  };
}
