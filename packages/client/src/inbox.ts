import { type Connection, connectionOf, type ServiceOptions } from './connection.ts';
import { createEmitter } from './emitter.ts';
import type { Follow } from './follow.ts';
import { changeDocument, pageDocument, undoDocument } from './inbox-documents.ts';
import { createState, type InboxContents } from './inbox-state.ts';
import {
  changeOf,
  conditionsOf,
  type InboxAction,
  type InboxFilter,
  type ItemChange,
  streamedConditionsOf,
} from './items.ts';
import { type BackOff, keepFollowing, type Rest } from './keep-following.ts';
import type { Scope } from './pending-changes.ts';
import {
  asInboxError,
  type InboxError,
  type InboxOperationResult,
  type InboxPage,
  request,
  seenDocument,
} from './requests.ts';

/**
 * `loading` before the first page and after a reset, `waiting` before the next retry, `refused` when the token is
 * invalid.
 */
export type InboxStatus = 'loading' | 'connecting' | 'live' | 'waiting' | 'refused' | 'closed';

/** A snapshot of the inbox; the same object until something changes. */
export interface InboxView extends InboxContents {
  readonly cursor: string | undefined;
  readonly status: InboxStatus;
}

/** An inbox, whatever its changes come over. */
export interface InboxBaseOptions extends ServiceOptions {
  readonly filter?: InboxFilter;
  /** Default 25, maximum 1000. */
  readonly pageSize?: number;
  /** Called when the stream fails; it is retried automatically unless the status is `refused`. */
  readonly onError?: (error: InboxError) => void;
  /** Milliseconds between retries; doubles from `firstMs` up to `mostMs`. */
  readonly backOff?: BackOff;
}

/** Which notifications to change. */
export interface ChangeOptions {
  /** Keys of notifications. Default: all that the filter lists, also older ones, but none that came after the view. */
  readonly keys?: readonly string[];
  /** For `snooze`: when they return to the inbox. */
  readonly until?: Date;
  /**
   * Without `keys`: the cursor of an earlier view, after which nothing is changed. For a view that holds back what is new,
   * so that nobody changes what they have not seen.
   */
  readonly upTo?: string;
  /** With `upTo`: the keys of the notifications that are shown; others stay as they are until the service has answered. */
  readonly shown?: readonly string[];
}

/** A change that the service carried out. */
export interface InboxOperation {
  readonly id: string;
  /** Of an undo, the action that was undone. */
  readonly action: InboxAction;
  /** Number of changed notifications. */
  readonly changed: number;
  /** Number of notifications left as they were. */
  readonly skipped: number;
  /** Until when it can be undone; null if it cannot be. */
  readonly undoableUntil: Date | null;
}

/**
 * An inbox that keeps itself up to date. Changes made here are shown immediately, and rolled back if the service
 * refuses them.
 */
export interface LiveInbox {
  current(): InboxView;
  /**
   * Calls the listener after every change; once for changes from the service that come together. Returns a function
   * that unsubscribes.
   */
  subscribe(listener: (view: InboxView) => void): () => void;
  /** Loads the next page of older notifications. @throws InboxError */
  loadMore(): Promise<void>;
  /** @throws InboxError when refused; the change is rolled back. */
  change(action: InboxAction, options?: ChangeOptions): Promise<InboxOperation>;
  /** Undoes a change, except for notifications that were changed since. @throws InboxError when it cannot be undone. */
  undo(operation: Pick<InboxOperation, 'id'>): Promise<InboxOperation>;
  /** Marks what was shown until now as seen, without reading it. @throws InboxError when refused; rolled back. */
  markSeen(): Promise<void>;
  /** @throws InboxError when refused; the change is rolled back. */
  setRead(key: string, isRead: boolean): Promise<InboxOperation>;
  /** Marks the whole inbox as read, whatever the filter. @throws InboxError when refused; the change is rolled back. */
  markAllRead(): Promise<InboxOperation>;
  /** @throws InboxError when refused; the change is rolled back. */
  archive(key: string): Promise<InboxOperation>;
  close(): void;
}

/** How an inbox is kept up to date. */
export interface InboxMeans {
  readonly follow: Follow;
  readonly backOff: BackOff;
  /** Whether counts include changes made here that the service has not confirmed. */
  readonly predictsCounts: boolean;
  readonly rest: Rest;
}

/** A change that the service carried out. */
interface Done<Result> {
  readonly result: Result;
  /** A cursor at which it had done so. */
  readonly doneAt?: string;
}

const maxPageSize = 1000;
/** Least milliseconds between two readings of a list whose filter only the service can evaluate. */
const refreshMs = 1_000;

/** An inbox without a transport of its own. */
export function createInboxOver(
  { follow, backOff, predictsCounts, rest }: InboxMeans,
  options: InboxBaseOptions,
): LiveInbox {
  const { filter = {}, pageSize = 25, onError } = options;
  const connection: Connection = connectionOf(options);
  const conditions = conditionsOf(filter);
  const state = createState(filter, { predictsCounts });
  const closing = new AbortController();
  let status: InboxStatus = 'loading';
  let view: InboxView | undefined;
  let loading: Promise<void> | undefined;
  let lastSent: Promise<unknown> = Promise.resolve();
  let isStale = false;
  let isRefreshing = false;

  const current = (): InboxView => {
    view ??= { ...state.contents(), cursor: state.cursor(), status };
    return view;
  };
  const emitter = createEmitter(current, !predictsCounts);
  function changed(next: InboxStatus = status): void {
    status = closing.signal.aborted ? 'closed' : next;
    view = undefined;
    emitter.emit();
  }

  async function read(limit: number, before?: string): Promise<InboxPage> {
    const variables = { filter: conditions, limit, before };
    return (await request<{ inbox: InboxPage }>(connection, pageDocument, variables, closing.signal)).inbox;
  }

  /** Reads as many notifications as are loaded. */
  async function reload(): Promise<void> {
    const limit = Math.min(Math.max(pageSize, state.loaded()), maxPageSize);
    const take = state.reading();
    take(await read(limit), limit);
  }

  /** Reads the list again, because a change may concern it in a way that only the service knows. */
  async function refresh(): Promise<void> {
    isStale = true;
    if (isRefreshing) return;
    isRefreshing = true;
    for (let attempt = 0; isStale && !closing.signal.aborted; attempt += 1) {
      isStale = false;
      try {
        await reload();
        changed();
        attempt = 0;
      } catch (error) {
        isStale = true;
        if (!closing.signal.aborted) onError?.(asInboxError(error));
      }
      await rest(Math.min(refreshMs * 2 ** attempt, 600_000), closing.signal);
    }
    isRefreshing = false;
  }

  /** Shows a change immediately, and sends it after the previous changes. */
  async function send<Result>(apply: ItemChange, scope: Scope, ask: () => Promise<Done<Result>>): Promise<Result> {
    const change = state.begin(apply, scope);
    changed();
    const sent = lastSent.then(ask);
    lastSent = sent.catch(() => undefined);
    try {
      const { result, doneAt } = await sent;
      state.settle(change, doneAt);
      return result;
    } catch (error) {
      state.rollBack(change);
      throw asInboxError(error);
    } finally {
      changed();
    }
  }

  async function operate(document: string, variables: object): Promise<Done<InboxOperation>> {
    type Answer = { readonly operation: InboxOperationResult };
    const { operation } = await request<Answer>(connection, document, variables, closing.signal);
    const { undoable_until: until, inbox, ...result } = operation;
    return {
      result: { ...result, undoableUntil: until === null ? null : new Date(until) },
      doneAt: inbox.cursor,
    };
  }

  function change(action: InboxAction, options: ChangeOptions, isWhole = false): Promise<InboxOperation> {
    const { keys, until, shown } = options;
    const end = until?.toISOString();
    // What comes later stays as it is.
    const shownAt = options.upTo ?? state.cursor();
    return send(changeOf(action, end), { keys: keys ?? shown, ...(isWhole && { empties: 'unread' }) }, async () => {
      const selected = keys
        ? { ids: keys }
        : { all_up_to: shownAt ?? (await read(0)).cursor, ...(!isWhole && { filter: conditions }) };
      return operate(changeDocument, { data: { ...selected, action, until: end } });
    });
  }

  async function loadOlder(): Promise<void> {
    const older = state.older();
    if (!older) return;
    older.take(await read(pageSize, older.before), pageSize);
    changed();
  }

  void keepFollowing({
    connection: () => connection,
    follow,
    filter: streamedConditionsOf(conditions),
    backOff,
    signal: closing.signal,
    mustRead: true,
    async read() {
      changed('loading');
      await reload();
    },
    cursor: state.cursor,
    onStatus: changed,
    onChange(change) {
      if (state.apply(change)) void refresh();
      view = undefined;
      emitter.emitSoon();
    },
    onError,
    rest,
  });
  return {
    current,
    subscribe: emitter.subscribe,
    loadMore() {
      loading ??= loadOlder().finally(() => {
        loading = undefined;
      });
      return loading;
    },
    change: (action, given = {}) => change(action, given),
    undo: async ({ id }) => (await operate(undoDocument, { id })).result,
    markSeen() {
      const upTo = state.cursor();
      const see: ItemChange = (item) => ({ ...item, seen: true });
      return send(see, { empties: 'unseen' }, async () => {
        await request<object>(connection, seenDocument, { upTo }, closing.signal);
        return { result: undefined };
      });
    },
    setRead: (key, isRead) => change(isRead ? 'read' : 'unread', { keys: [key] }),
    markAllRead: () => change('read', {}, true),
    archive: (key) => change('archive', { keys: [key] }),
    close() {
      if (closing.signal.aborted) return;
      closing.abort();
      changed('closed');
    },
  };
}
