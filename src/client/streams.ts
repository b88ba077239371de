import { createClient } from 'graphql-ws/client';
import type { InboxChange } from './requests.ts';
import { asInboxError, type Connection, dataOf, documents, faultOf, InboxError, post, resultOf } from './requests.ts';

/** One stream of changes, from a cursor to its end. */
export interface StreamOptions {
  readonly connection: Connection;
  readonly variables: object;
  readonly onOpen: () => void;
  readonly onChange: (change: InboxChange) => void;
  /** Ends the stream without an error. */
  readonly signal: AbortSignal;
}

/** Fulfilled when the stream ends, by either side. @throws InboxError when it breaks. */
export type Follow = (options: StreamOptions) => Promise<void>;

/** How often a socket is asked whether it is there, and how long the answer may take, in milliseconds. */
const ping = { everyMs: 15_000, answerMs: 10_000 } as const;
/** The service says something every 12 seconds on a stream of events; without it the connection is taken for dead. */
const silenceMs = 40_000;

interface Changes {
  readonly inbox_changes: InboxChange;
}

/** Follows over `graphql-transport-ws`. @param webSocket the constructor; left out: that of the platform. */
export function bySocket(webSocket: unknown): Follow {
  return ({ connection, variables, onOpen, onChange, signal }) =>
    new Promise((resolve, reject) => {
      let unanswered: ReturnType<typeof setTimeout> | undefined;
      const client = createClient({
        url: connection.url.replace(/^http/, 'ws'),
        lazy: true,
        // Whoever reconnects has to subscribe from the newest cursor.
        retryAttempts: 0,
        keepAlive: ping.everyMs,
        connectionParams: async () => ({ access_token: await connection.token() }),
        ...(webSocket !== undefined && { webSocketImpl: webSocket }),
        on: {
          connected: onOpen,
          ping(isReceived) {
            if (!isReceived) unanswered = setTimeout(() => client.terminate(), ping.answerMs);
          },
          pong: () => clearTimeout(unanswered),
          closed: () => clearTimeout(unanswered),
        },
      });
      let unsubscribe: () => void = () => undefined;
      const end = () => {
        signal.removeEventListener('abort', abort);
        void client.dispose();
      };
      const abort = () => {
        unsubscribe();
        end();
        resolve();
      };
      const fail = (error: unknown) => {
        end();
        reject(socketError(error));
      };
      signal.addEventListener('abort', abort);
      unsubscribe = client.subscribe<Changes>(
        { query: documents.changes, variables: { ...variables } },
        {
          next(result) {
            if (signal.aborted) return;
            try {
              onChange(dataOf<Changes>(result).inbox_changes);
            } catch (error) {
              unsubscribe();
              fail(error);
            }
          },
          error: fail,
          complete() {
            end();
            resolve();
          },
        },
      );
    });
}

/** What `graphql-ws` gives to a sink: errors of the operation, the close event of the socket, or an error. */
function socketError(error: unknown): InboxError {
  if (Array.isArray(error)) return faultOf(error[0] ?? {});
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number') {
    const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : '';
    return new InboxError('NETWORK', `the socket was closed: ${error.code} ${reason}`.trim(), error.code);
  }
  return asInboxError(error);
}

/** Follows over server-sent events, read from `fetch` so that the token can stand in a header. */
export const byEvents: Follow = async ({ connection, variables, onOpen, onChange, signal }) => {
  const cut = new AbortController();
  const abort = () => cut.abort();
  signal.addEventListener('abort', abort);
  let silence = setTimeout(abort, silenceMs);
  try {
    const operation = { query: documents.changes, variables, accept: 'text/event-stream' };
    const response = await post(connection, operation, cut.signal);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body) {
      dataOf(await resultOf(response));
      throw new InboxError('NETWORK', `the service answered ${response.status} without a stream`);
    }
    onOpen();
    const reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> } = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(silence);
      silence = setTimeout(abort, silenceMs);
      const events = (text + decoder.decode(part.value, { stream: true })).split(/\r?\n\r?\n/);
      text = events.pop() ?? '';
      for (const { event, data } of events.map(parseEvent)) {
        if (event === 'complete') return;
        if (event === 'next' && !signal.aborted) onChange(dataOf<Changes>(JSON.parse(data)).inbox_changes);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw asInboxError(error);
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', abort);
    cut.abort();
  }
};

function parseEvent(text: string): { readonly event: string; readonly data: string } {
  const lines = text.split(/\r?\n/);
  const read = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
      .join('\n');
  return { event: read('event'), data: read('data') };
}
