import { createEmitter } from './emitter.ts';
import { createState, type InboxContents, type Scope } from './inbox-state.ts';
import {
  changeOf,
  conditionsOf,
  type InboxAction,
  type InboxCounts,
  type InboxFilter,
  type InboxItem,
  type InboxItemState,
  type ItemChange,
  type ItemConditions,
} from './items.ts';
import {
  asInboxError,
  type Connection,
  documents,
  InboxError,
  type InboxOperationResult,
  type InboxPage,
  isRefusal,
  request,
} from './requests.ts';
import { byEvents, bySocket } from './streams.ts';
import { type Timeouts, wait, withDefaults } from './timeouts.ts';

export {
  type InboxAction,
  type InboxCounts,
  InboxError,
  type InboxFilter,
  type InboxItem,
  type InboxItemState,
  type ItemConditions,
  type Timeouts,
};

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

export interface InboxOptions {
  /** URL of the GraphQL endpoint, for example `https://tidings.example.com/graphql/system`. */
  readonly url: string;
  /** A function is called before every request and connection. */
  readonly token: string | (() => string | Promise<string>);
  readonly transport: 'websocket' | 'sse';
  /** The WebSocket constructor, for platforms without one: `ws` on Node 20. */
  readonly webSocket?: unknown;
  readonly fetch?: typeof fetch;
  readonly filter?: InboxFilter;
  /** Default 25, maximum 1000. */
  readonly pageSize?: number;
  /** Called when the stream fails; it is retried automatically unless the status is `refused`. */
  readonly onError?: (error: InboxError) => void;
  /** Milliseconds between retries; doubles from `firstMs` up to `mostMs`. */
  readonly backOff?: { readonly firstMs: number; readonly mostMs: number };
  /** How long the client waits before it considers a connection dead and retries. Omitted fields have defaults. */
  readonly timeouts?: Partial<Timeouts>;
}

/** Which notifications to change. */
export interface ChangeOptions {
  /** Keys of notifications. Default: all that the filter lists, also older ones, but none that came after the view. */
  readonly keys?: readonly string[];
  /** For `snooze`: when they return to the inbox. */
  readonly until?: Date;
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

const maxPageSize = 1000;
/** A connection open for longer than this, in milliseconds, resets the back-off. */
const steadyMs = 5_000;

export function createInbox(options: InboxOptions): LiveInbox {
  const { url, token, transport, filter = {}, pageSize = 25, onError } = options;
  const { firstMs, mostMs } = options.backOff ?? { firstMs: 250, mostMs: 30_000 };
  let sentToken: string | undefined;
  /** The token of the last refusal: a function may return a new one once. */
  let refusedToken: string | undefined;
  const connection: Connection = {
    url,
    async token() {
      sentToken = await (typeof token === 'string' ? token : token());
      return sentToken;
    },
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
    timeouts: withDefaults(options.timeouts),
  };
  const follow = transport === 'sse' ? byEvents : bySocket(options.webSocket);
  const conditions = conditionsOf(filter);
  const state = createState(filter);
  const closing = new AbortController();
  let status: InboxStatus = 'loading';
  let view: InboxView | undefined;
  let loading: Promise<void> | undefined;
  let lastSent: Promise<unknown> = Promise.resolve();

  const current = (): InboxView => {
    view ??= { ...state.contents(), cursor: state.cursor(), status };
    return view;
  };
  const emitter = createEmitter(current);
  function changed(next: InboxStatus = status): void {
    status = closing.signal.aborted ? 'closed' : next;
    view = undefined;
    emitter.emit();
  }

  async function read(limit: number, before?: string): Promise<InboxPage> {
    const variables = { filter: conditions, limit, before };
    return (await request<{ inbox: InboxPage }>(connection, documents.page, variables, closing.signal)).inbox;
  }

  async function reload(): Promise<void> {
    changed('loading');
    const limit = Math.min(Math.max(pageSize, state.loaded()), maxPageSize);
    state.start(await read(limit), limit);
  }

  /** Follows the inbox until the stream ends. Returns whether the inbox must be read again. */
  async function stream({ onOpen, onChange }: Readonly<Record<'onOpen' | 'onChange', () => void>>): Promise<boolean> {
    const ending = new AbortController();
    const end = () => ending.abort();
    let isReset = false;
    closing.signal.addEventListener('abort', end);
    try {
      await follow({
        connection,
        variables: { filter: conditions, after: state.cursor() },
        signal: ending.signal,
        onOpen() {
          onOpen();
          changed('live');
        },
        onChange(change) {
          onChange();
          if (change.kind === 'reset') {
            isReset = true;
            return end();
          }
          state.apply(change);
          view = undefined;
          return emitter.emitSoon();
        },
      });
    } finally {
      closing.signal.removeEventListener('abort', end);
    }
    return isReset;
  }

  async function run(): Promise<void> {
    let mustRead = true;
    for (let attempt = 0; !closing.signal.aborted; attempt += 1) {
      let openedAt: number | undefined;
      const onOpen = () => {
        openedAt = Date.now();
      };
      const onChange = () => {
        attempt = 0;
      };
      try {
        if (mustRead) await reload();
        mustRead = false;
        changed('connecting');
        // A listener may have closed the inbox.
        if (closing.signal.aborted) return;
        mustRead = await stream({ onOpen, onChange });
        if (mustRead) continue;
      } catch (thrown) {
        const error = asInboxError(thrown);
        if (closing.signal.aborted) return;
        onError?.(error);
        if (isRefusal(error)) {
          if (typeof token === 'string' || sentToken === refusedToken) return changed('refused');
          refusedToken = sentToken;
        }
        // The service rejected the cursor.
        mustRead ||= error.code === 'INVALID_QUERY';
      }
      if (openedAt !== undefined && Date.now() - openedAt > steadyMs) attempt = 0;
      changed('waiting');
      await wait(Math.min(firstMs * 2 ** attempt, mostMs) * (0.5 + Math.random() / 2), closing.signal);
    }
  }

  /** Shows a change immediately, and sends it after the previous changes. */
  async function send<Result>(apply: ItemChange, scope: Scope, ask: () => Promise<Result>): Promise<Result> {
    const change = state.begin(apply, scope);
    changed();
    const sent = lastSent.then(ask);
    lastSent = sent.catch(() => undefined);
    try {
      const result = await sent;
      state.settle(change);
      return result;
    } catch (error) {
      state.rollBack(change);
      throw asInboxError(error);
    } finally {
      changed();
    }
  }

  async function operate(document: string, variables: object): Promise<InboxOperation> {
    type Answer = { readonly operation: InboxOperationResult };
    const { operation } = await request<Answer>(connection, document, variables, closing.signal);
    const { undoable_until: until, ...result } = operation;
    return { ...result, undoableUntil: until === null ? null : new Date(until) };
  }

  function change(action: InboxAction, { keys, until }: ChangeOptions, isWhole = false): Promise<InboxOperation> {
    const end = until?.toISOString();
    // What comes later stays as it is.
    const shownAt = state.cursor();
    return send(changeOf(action, end), { keys, ...(isWhole && { empties: 'unread' }) }, async () => {
      const selected = keys
        ? { ids: keys }
        : { all_up_to: shownAt ?? (await read(0)).cursor, ...(!isWhole && { filter: conditions }) };
      return operate(documents.change, { data: { ...selected, action, until: end } });
    });
  }

  async function loadOlder(): Promise<void> {
    const older = state.older();
    if (!older) return;
    older.take(await read(pageSize, older.before), pageSize);
    changed();
  }

  void run();
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
    undo: ({ id }) => operate(documents.undo, { id }),
    markSeen() {
      const upTo = state.cursor();
      const see: ItemChange = (item) => ({ ...item, seen: true });
      const ask = () => request<object>(connection, documents.markSeen, { upTo }, closing.signal);
      return send(see, { empties: 'unseen' }, ask).then(() => undefined);
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
