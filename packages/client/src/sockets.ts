import { createClient } from 'graphql-ws/client';
import type { Follow } from './follow.ts';
import { asInboxError, type Changes, changesDocument, dataOf, faultOf, InboxError } from './requests.ts';
import { startTimer, type Timer } from './timeouts.ts';

/** The part of a WebSocket constructor used here. */
type SocketClass = new (
  url: string,
  protocol: string,
) => {
  addEventListener(type: 'error', listener: () => void): void;
  /**
   * Closes without a closing handshake, which a dead connection would never finish. Available in `ws`, not in browsers.
   */
  terminate?(): void;
};

/** Follows over `graphql-transport-ws`. @param webSocket the constructor; default: that of the platform. */
export function bySocket(webSocket: unknown): Follow {
  return ({ connection, variables, onOpen, onChange, signal }) =>
    new Promise((resolve, reject) => {
      const { openMs, pingMs, pongMs } = connection.timeouts;
      const { Observed, current } = observe(webSocket);
      let isOpen = false;
      let isOver = false;
      const client = createClient({
        url: connection.url.replace(/^http/, 'ws'),
        lazy: true,
        // The caller reconnects, with the newest cursor.
        retryAttempts: 0,
        keepAlive: pingMs,
        connectionParams: async () => ({ access_token: await connection.token() }),
        webSocketImpl: Observed,
        on: {
          connected() {
            // May arrive after the socket was abandoned.
            if (isOver) return;
            clearTimeout(opening);
            isOpen = true;
            onOpen();
          },
          ping(isReceived) {
            if (!isReceived) unanswered = startTimer(pongMs, () => giveUp(`answer a ping within ${pongMs} ms`));
          },
          pong: () => clearTimeout(unanswered),
        },
      });
      let unanswered: Timer;
      const opening = startTimer(openMs, () => giveUp(`open the stream within ${openMs} ms`));
      let unsubscribe: () => void = () => undefined;
      const end = () => {
        if (isOver) return;
        isOver = true;
        clearTimeout(opening);
        clearTimeout(unanswered);
        signal.removeEventListener('abort', abort);
        unsubscribe();
        // Before the socket is open, dispose() would wait for it.
        if (isOpen) void client.dispose();
        else client.terminate();
      };
      const abort = () => {
        end();
        resolve();
      };
      const fail = (error: unknown) => {
        end();
        reject(socketError(error));
      };
      const giveUp = (what: string) => {
        fail(new Error(`the service did not ${what}`));
        client.terminate();
        current()?.terminate?.();
      };
      signal.addEventListener('abort', abort);
      unsubscribe = client.subscribe<Changes>(
        { query: changesDocument, variables: { ...variables } },
        {
          next(result) {
            if (isOver) return;
            try {
              onChange(dataOf<Changes>(result).inbox_changes);
            } catch (error) {
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

/**
 * Wraps the constructor to expose its socket, and handles error events: unhandled ones of `ws` would end the process.
 */
function observe(webSocket: unknown = (globalThis as { readonly WebSocket?: unknown }).WebSocket) {
  if (typeof webSocket !== 'function')
    throw new InboxError('NETWORK', 'there is no global WebSocket: pass `webSocket`');
  let socket: InstanceType<SocketClass> | undefined;
  class Observed extends (webSocket as SocketClass) {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      socket = this;
      this.addEventListener('error', () => undefined);
    }
  }
  return { Observed, current: () => socket };
}

/** Converts what `graphql-ws` passes to a sink: errors of the operation, a close event, or an error. */
function socketError(error: unknown): InboxError {
  if (Array.isArray(error)) return faultOf(error[0] ?? {});
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number') {
    const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : '';
    return new InboxError('NETWORK', `the socket was closed: ${error.code} ${reason}`.trim(), error.code);
  }
  return asInboxError(error);
}
