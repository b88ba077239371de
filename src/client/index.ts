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
import { createState, type InboxFigures, type Intent } from './state.ts';
import { byEvents, bySocket } from './streams.ts';
import { type Timeouts, wait, withDefaults } from './time.ts';

export { InboxError, type InboxFilter, type InboxItem, type Timeouts };

/** `loading` before the first page and after a reset, `waiting` before the next try, `refused` when the token is no good. */
export type InboxStatus = 'loading' | 'connecting' | 'live' | 'waiting' | 'refused' | 'closed';

/** The inbox at one moment; the same object until something changes. */
export interface InboxView extends InboxFigures {
  readonly cursor: string | undefined;
  readonly status: InboxStatus;
}

export interface InboxOptions {
  /** Of the GraphQL endpoint, such as `https://tidings.example.com/graphql/system`. */
  readonly url: string;
  /** A function is asked before every request and connection. */
  readonly token: string | (() => string | Promise<string>);
  readonly transport: 'websocket' | 'sse';
  /** The constructor, where the platform has none: `ws` on Node 20. */
  readonly webSocket?: unknown;
  readonly fetch?: typeof fetch;
  readonly filter?: InboxFilter;
  /** 25 when left out, at most 1000. */
  readonly pageSize?: number;
  /** Told of what kept the stream from going on; it goes on by itself, unless the status is `refused`. */
  readonly onError?: (error: InboxError) => void;
  /** Between two tries, in milliseconds: grows from the first to the most. */
  readonly backOff?: { readonly firstMs: number; readonly mostMs: number };
  /** When a line is taken for dead; then it tries again. What is left out has its default. */
  readonly timeouts?: Partial<Timeouts>;
}

/** An inbox that keeps itself up to date. What changes it shows at once, and is undone when the service refuses. */
export interface LiveInbox {
  current(): InboxView;
  /** Calls back after every change; the answer ends that. */
  subscribe(listener: (view: InboxView) => void): () => void;
  /** Loads the next older page. @throws InboxError */
  loadMore(): Promise<void>;
  /** @throws InboxError when refused; then it is undone. */
  setRead(key: string, isRead: boolean): Promise<void>;
  /** @throws InboxError when refused; then it is undone. */
  markAllRead(): Promise<void>;
  /** @throws InboxError when refused; then it is undone. */
  archive(key: string): Promise<void>;
  close(): void;
}

const largestPage = 1000;
/** A connection that held so long was a good one: the next try comes soon again. */
const steadyMs = 5_000;

export function createInbox(options: InboxOptions): LiveInbox {
  const { url, token, transport, filter = {}, pageSize = 25, onError } = options;
  const { firstMs, mostMs } = options.backOff ?? { firstMs: 250, mostMs: 30_000 };
  const connection: Connection = {
    url,
    token: typeof token === 'string' ? () => token : token,
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
  let sending: Promise<unknown> = Promise.resolve();

  const current = (): InboxView => {
    view ??= { ...state.figures(), cursor: state.cursor(), status };
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

  async function readAnew(): Promise<void> {
    changed('loading');
    const limit = Math.min(Math.max(pageSize, state.loaded()), largestPage);
    state.start(await read(limit), limit);
  }

  /** Follows until the stream ends; says whether the inbox has to be read anew. */
  async function stream({ onOpen, onTold }: Readonly<Record<'onOpen' | 'onTold', () => void>>): Promise<boolean> {
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
          onTold();
          if (change.kind === 'reset') {
            isReset = true;
            return end();
          }
          state.tell(change);
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
      const onTold = () => {
        attempt = 0;
      };
      try {
        if (mustRead) await readAnew();
        mustRead = false;
        changed('connecting');
        // A listener may have closed it.
        if (closing.signal.aborted) return;
        mustRead = await stream({ onOpen, onTold });
        if (mustRead) continue;
      } catch (thrown) {
        const error = asInboxError(thrown);
        if (closing.signal.aborted) return;
        onError?.(error);
        if (isRefusal(error) && typeof token === 'string') return changed('refused');
        // A cursor that the service cannot read.
        mustRead ||= error.code === 'INVALID_QUERY';
      }
      if (openedAt !== undefined && Date.now() - openedAt > steadyMs) attempt = 0;
      changed('waiting');
      await wait(Math.min(firstMs * 2 ** attempt, mostMs) * (0.5 + Math.random() / 2), closing.signal);
    }
  }

  /** Shows a change, and carries it out after those before it. */
  async function change(intent: Intent, query: string, variables: object): Promise<void> {
    changed();
    const sent = sending.then(() => request(connection, query, variables, closing.signal));
    sending = sent.catch(() => undefined);
    try {
      await sent;
      state.settle(intent);
    } catch (error) {
      state.rollBack(intent);
      throw asInboxError(error);
    } finally {
      changed();
    }
  }

  function withRead(isRead: boolean): Intent['apply'] {
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
    setRead: (key, isRead) => change(state.begin(withRead(isRead), [key]), documents.setRead, { id: key, isRead }),
    markAllRead: () => change(state.begin(withRead(true)), documents.markAllRead, {}),
    archive: (key) =>
      change(
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
