import { isAfter } from './cursors.ts';
import {
  conditionsOf,
  countsOf,
  type InboxCounts,
  type InboxFilter,
  type InboxItem,
  type ItemChange,
  isPageOnly,
  type PageConditions,
} from './items.ts';
import { createPendingChanges, type PendingChange, type Scope } from './pending-changes.ts';
import { countsIn, type InboxChange, type InboxFigures, type InboxPage } from './requests.ts';
import { compare, createRows, type Position } from './rows.ts';

/** The loaded notifications and the counts of the inbox. */
export interface InboxContents extends InboxCounts {
  /** Newest first, as far back as loaded; the same array until a notification changes. */
  readonly items: readonly InboxItem[];
  readonly hasMore: boolean;
}

/** The state received from the service, with unconfirmed changes on top. */
export interface State {
  cursor(): string | undefined;
  /** Begins to read the newest page. The returned function replaces everything by it, and keeps later changes. */
  reading(): (page: InboxPage, limit: number) => void;
  /** Applies one change from the stream. Returns whether the list must be read again: only the service can filter it. */
  apply(change: InboxChange): boolean;
  /**
   * Begins to load an older page. `before` is the key of the oldest loaded notification; `take` adds the page.
   * Undefined when everything is loaded.
   */
  older(): { readonly before: string | undefined; take(page: InboxPage, limit: number): void } | undefined;
  loaded(): number;
  begin(apply: ItemChange, scope: Scope): PendingChange;
  /** @param doneAt a cursor at which the service had carried it out */
  settle(change: PendingChange, doneAt?: string): void;
  rollBack(change: PendingChange): void;
  contents(): InboxContents;
}

function isWholeInbox(conditions: PageConditions): boolean {
  const { states, saved, read, targets, templates, not } = conditions;
  const isInbox = !states?.length || states.every((state) => state === 'inbox');
  const isUnrestricted = saved === undefined && read === undefined && !targets?.length && !templates?.length && !not;
  return isInbox && isUnrestricted && !isPageOnly(conditions);
}

/** @param predictsCounts whether the counts include changes that the service has not confirmed */
export function createState(filter: InboxFilter, { predictsCounts }: { readonly predictsCounts: boolean }): State {
  const conditions = conditionsOf(filter);
  const isWhole = isWholeInbox(conditions);
  const isFilteredElsewhere = isPageOnly(conditions);
  const rows = createRows();
  const pending = createPendingChanges(rows, conditions);
  let received: InboxCounts = countsOf(undefined);
  let cursor: string | undefined;
  /** The oldest loaded notification; undefined when there are no older ones. */
  let boundary: Position | undefined;
  /** For each page that is being read: the changes received meanwhile, which may be newer than the page. */
  const readings = new Set<InboxChange[]>();
  let mayHaveUnseen = false;
  let items: readonly InboxItem[] | undefined;

  function take(figures: InboxFigures): void {
    received = countsIn(figures);
    cursor = figures.cursor;
  }

  function bound(page: InboxPage, limit: number): void {
    const isEnd = page.notifications.length < limit || (isWhole && rows.size >= page.total_count);
    boundary = isEnd ? undefined : page.notifications.at(-1);
  }

  function store({ kind, key, notification }: InboxChange): void {
    if (key === null) return;
    if (kind === 'deleted') rows.delete(key);
    const isKnown = rows.get(key) !== undefined;
    if (kind === 'deleted' || !notification || (!isKnown && isFilteredElsewhere)) return;
    if (!isKnown && boundary && compare(notification, boundary) >= 0) return;
    rows.set(notification);
    mayHaveUnseen ||= !notification.seen;
  }

  /** Whether a change may concern the list in a way that only the service knows. */
  function isUncertain({ kind, key, notification }: InboxChange): boolean {
    if (!isFilteredElsewhere || key === null || kind === 'deleted' || !notification) return false;
    const row = rows.get(key);
    return (
      row === undefined ||
      row.subject !== notification.subject ||
      row.message !== notification.message ||
      row.template_id !== notification.template_id
    );
  }

  /** Nothing in the stream tells that single notifications were seen. */
  function markSeen(seen: Iterable<InboxItem | undefined>): void {
    for (const row of seen) if (row && !row.seen) rows.set({ ...row, seen: true });
  }

  return {
    cursor: () => cursor,
    reading() {
      const changes: InboxChange[] = [];
      readings.clear();
      readings.add(changes);
      const settled = pending.settled();
      return (page, limit) => {
        // Another page was read in the meantime.
        if (!readings.delete(changes)) return;
        rows.replace(page.notifications);
        mayHaveUnseen = page.notifications.some(({ seen }) => !seen);
        take(page);
        pending.drop(settled);
        bound(page, limit);
        for (const change of changes) {
          if (!isAfter(change.cursor, page.cursor)) continue;
          store(change);
          take(change);
        }
        if (cursor !== undefined) pending.reach(cursor);
        items = undefined;
      };
    },
    apply(change) {
      for (const changes of readings) changes.push(change);
      const isUncertainChange = isUncertain(change);
      // A page that was read again may be newer than the change.
      if (cursor === undefined || !isAfter(cursor, change.cursor)) {
        store(change);
        take(change);
      }
      if (received.unseen === 0 && mayHaveUnseen) {
        markSeen(rows.sorted());
        mayHaveUnseen = false;
      }
      pending.confirm(change.key);
      if (cursor !== undefined) pending.reach(cursor);
      // With everything loaded the total is counted here, because the received total may be ahead of the rows.
      if (predictsCounts && isWhole && !boundary) received = { ...received, total: rows.size };
      items = undefined;
      return isUncertainChange;
    },
    older() {
      if (!boundary) return undefined;
      const changes: InboxChange[] = [];
      readings.add(changes);
      return {
        before: rows.sorted().at(-1)?.id,
        take(page, limit) {
          // The inbox was read again in the meantime.
          if (!readings.delete(changes)) return;
          for (const item of page.notifications) rows.set(item);
          mayHaveUnseen ||= page.notifications.some(({ seen }) => !seen);
          bound(page, limit);
          for (const change of changes) if (isAfter(change.cursor, page.cursor)) store(change);
          items = undefined;
        },
      };
    },
    loaded: () => rows.size,
    begin(apply, scope) {
      items = undefined;
      return pending.begin(apply, scope);
    },
    settle(change, doneAt) {
      items = undefined;
      if (change.empties === 'unseen') {
        markSeen([...change.keys].map((key) => rows.get(key)));
        change.keys.clear();
      }
      // Kept until the stream has confirmed the notifications that are not loaded.
      pending.settle(change, change.empties !== undefined && received[change.empties] > 0);
      if (doneAt === undefined) return;
      change.doneAt = doneAt;
      if (cursor !== undefined) pending.reach(cursor);
    },
    rollBack(change) {
      items = undefined;
      pending.drop([change]);
    },
    contents() {
      items ??= pending.shown();
      const counts = predictsCounts ? pending.predict(received) : received;
      return { items, ...counts, hasMore: boundary !== undefined };
    },
  };
}
