import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/** How a server is closed. */
export interface DrainOptions {
  /** How long everything is still served, in milliseconds; 0: the listener closes at once. */
  readonly drainMs?: number;
  /** Aborted when what is still under way is cut. Left out: never. */
  readonly cut?: AbortSignal | undefined;
}

/** Closes an HTTP server so that nobody's request is lost. */
export interface Drain {
  readonly hasBegun: boolean;
  /** Fulfilled when no connection is left. */
  close(options?: DrainOptions): Promise<void>;
}

/** Tells one who stays connected, by socket or event stream, to come back elsewhere; nothing when it was told. */
export type Dismiss = () => void;

/** Not all are told at once: they all come back at once, too. */
const slices = 20;
/** A connection that was made just before the listener closed may not have sent its request yet. */
const graceMs = 250;
const lookMs = 25;

/**
 * @param followers those who stay connected, now
 */
export function createDrain(http: Server, followers: () => readonly Dismiss[]): Drain {
  const connections = new Set<Socket>();
  let hasBegun = false;
  // One for all connections, so that none keeps a closure.
  function forget(this: Socket): void {
    connections.delete(this);
  }
  http.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', forget);
  });
  // Whoever keeps a connection open learns from an answer that the next request needs another: a connection that is
  // closed without a word may have the next request on its way.
  http.prependListener('request', (_request, response) => {
    if (hasBegun) response.shouldKeepAlive = false;
  });

  const closeIdle = () => {
    http.closeIdleConnections();
    // One that never sent anything is not idle for Node; browsers and proxies open such ahead.
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
        // By the middle of it load balancers have noticed: who comes back then is sent elsewhere.
        await pause(drainMs / 2, cut);
        await dismissAll(followers(), drainMs / 2, cut);
      }
      // This turn of the event loop has just taken in the connections that waited.
      await turn();
      const closed = new Promise<unknown>((resolve) => http.once('close', resolve));
      // Not that of HTTP servers, which closes idle connections at once.
      NetServer.prototype.close.call(http);
      const graceEnds = performance.now() + (drainMs > 0 ? graceMs : 0);
      const look = () => {
        for (const dismiss of followers()) dismiss();
        if (performance.now() >= graceEnds) closeIdle();
      };
      look();
      const looking = setInterval(look, lookMs);
      cut?.addEventListener('abort', cutAll);
      if (cut?.aborted) cutAll();
      await closed;
      clearInterval(looking);
      cut?.removeEventListener('abort', cutAll);
    },
  };
}

async function dismissAll(all: readonly Dismiss[], ms: number, cut: AbortSignal | undefined): Promise<void> {
  const size = Math.ceil(all.length / slices);
  for (let slice = 0; slice < slices; slice++) {
    for (const dismiss of all.slice(slice * size, (slice + 1) * size)) dismiss();
    await pause(ms / slices, cut);
  }
}

/** Waits, but not after `cut`. */
async function pause(ms: number, cut: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, { signal: cut }).catch(() => undefined);
}
