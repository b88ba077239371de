import { createState, type InboxContents, type PendingChange } from './inbox-state.ts';
import {
  asInboxError,
  type Connection,
  documents,
  InboxError,
  type InboxFilter,
  type InboxItem,
  type InboxPage,
  isRefusal,
  request,
} from './requests.ts';
import { byEvents, bySocket } from './streams.ts';
import { type Timeouts, wait, withDefaults } from './timeouts.ts';

export { InboxError, type InboxFilter, type InboxItem, type Timeouts };

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

/**
 * An inbox that keeps itself up to date. Changes made here are shown immediately, and rolled back if the service
 * refuses them.
 */
export interface LiveInbox {
  current(): InboxView;
  /** Calls the listener after every change. Returns a function that unsubscribes. */
  subscribe(listener: (view: InboxView) => void): () => void;
  /** Loads the next page of older notifications. @throws InboxError */
  loadMore(): Promise<void>;
  /** @throws InboxError when refused; the change is rolled back. */
  setRead(key: string, isRead: boolean): Promise<void>;
  /** @throws InboxError when refused; the change is rolled back. */
  markAllRead(): Promise<void>;
  /** @throws InboxError when refused; the change is rolled back. */
  archive(key: string): Promise<void>;
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
  const state = createState(filter);
  const listeners = new Set<(view: InboxView) => void>();
  const closing = new AbortController();
  let status: InboxStatus = 'loading';
  let view: InboxView | undefined;
  let loading: Promise<void> | undefined;
  let lastSent: Promise<unknown> = Promise.resolve();

  const current = (): InboxView => {
    view ??= { ...state.contents(), cursor: state.cursor(), status };
    return view;
  };
  function changed(next: InboxStatus = status): void {
    status = closing.signal.aborted ? 'closed' : next;
    view = undefined;
    for (const listener of [...listeners]) listener(current());
  }

  async function read(limit: number, before?: string): Promise<InboxPage> {
    const variables = { ...filter, limit, before };
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
        variables: { ...filter, after: state.cursor() },
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
          return changed();
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
  async function send(change: PendingChange, query: string, variables: object): Promise<void> {
    changed();
    const sent = lastSent.then(() => request(connection, query, variables, closing.signal));
    lastSent = sent.catch(() => undefined);
    try {
      await sent;
      state.settle(change);
    } catch (error) {
      state.rollBack(change);
      throw asInboxError(error);
    } finally {
      changed();
    }
  }

  function withRead(isRead: boolean): PendingChange['apply'] {
    const time = new Date().toISOString();
    return (item) => ({ ...item, read_at: isRead ? (item.read_at ?? time) : null });
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
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    loadMore() {
      loading ??= loadOlder().finally(() => {
        loading = undefined;
      });
      return loading;
    },
    setRead: (key, isRead) => send(state.begin(withRead(isRead), [key]), documents.setRead, { id: key, isRead }),
    markAllRead: () => send(state.begin(withRead(true)), documents.markAllRead, {}),
    archive: (key) =>
      send(
        state.begin(() => undefined, [key]),
        documents.archive,
        { id: key },
      ),
    close() {
      if (closing.signal.aborted) return;
      closing.abort();
      changed('closed');
    },
  };
}
