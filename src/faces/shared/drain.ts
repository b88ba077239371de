import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/** How to close a server. */
export interface DrainOptions {
  /** How long requests are still served, in milliseconds; 0 closes the listener immediately. */
  readonly drainMs?: number;
  /** When aborted, the remaining connections are cut. Undefined: never. */
  readonly cut?: AbortSignal | undefined;
}

/** Closes an HTTP server without losing requests. */
export interface Drain {
  readonly hasBegun: boolean;
  /** Resolves when no connection is left. */
  close(options?: DrainOptions): Promise<void>;
}

/** Asks the client of one socket or event stream to reconnect elsewhere. Idempotent. */
export type DismissClient = () => void;

/** Clients are dismissed in this many groups, so that they do not all reconnect at once. */
const groups = 20;
/** A connection that was made just before the listener closed may not have sent its request yet. */
const graceMs = 250;
/** How often connections are checked once the listener is closed. */
const checkMs = 25;

/** @param followers returns the clients that are connected by socket or event stream now. */
export function createDrain(http: Server, followers: () => readonly DismissClient[]): Drain {
  const connections = new Set<Socket>();
  let hasBegun = false;
  // One listener shared by all connections, so that no connection keeps a closure.
  function forget(this: Socket): void {
    connections.delete(this);
  }
  http.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', forget);
  });
  // Answers say `Connection: close`, so clients open a new connection for the next request. Closing a keep-alive
  // connection without that could lose a request already on its way.
  http.prependListener('request', (_request, response) => {
    if (hasBegun) response.shouldKeepAlive = false;
  });

  const closeIdle = () => {
    http.closeIdleConnections();
    // Node does not count connections without any request as idle; browsers and proxies open them ahead of time.
    for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
  };
  const cutAll = () => {
    for (const connection of connections) connection.destroy();
  };

  return {
    get hasBegun() {
      return hasBegun;
    },
    async close({ drainMs = 0, cut } = {}) {
      hasBegun = true;
      if (drainMs > 0) {
        // Half of the time is for load balancers to notice; clients dismissed after that reconnect elsewhere.
        await pause(drainMs / 2, cut);
        await dismissAll(followers(), drainMs / 2, cut);
      }
      // Lets the event loop accept the connections that are pending on the listener.
      await turn();
      const closed = new Promise<unknown>((resolve) => http.once('close', resolve));
      // The HTTP server's own close() would close idle connections immediately.
      NetServer.prototype.close.call(http);
      const graceEnds = performance.now() + (drainMs > 0 ? graceMs : 0);
      const check = () => {
        for (const dismiss of followers()) dismiss();
        if (performance.now() >= graceEnds) closeIdle();
      };
      check();
      const checkTimer = setInterval(check, checkMs);
      cut?.addEventListener('abort', cutAll);
      if (cut?.aborted) cutAll();
      await closed;
      clearInterval(checkTimer);
      cut?.removeEventListener('abort', cutAll);
    },
  };
}

async function dismissAll(all: readonly DismissClient[], ms: number, cut: AbortSignal | undefined): Promise<void> {
  const size = Math.ceil(all.length / groups);
  for (let group = 0; group < groups; group++) {
    for (const dismiss of all.slice(group * size, (group + 1) * size)) dismiss();
    await pause(ms / groups, cut);
  }
}

/** Waits for `ms` or until `cut` is aborted. */
async function pause(ms: number, cut: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, { signal: cut }).catch(() => undefined);
}
