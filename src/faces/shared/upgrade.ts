import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { type Refusal, rawResponse } from './raw-response.ts';
import { idOfUpgrade, requestIdHeader } from './request-id.ts';

/** Serves the WebSockets of one path. An error that `admit` throws is converted to a response by `refuse`. */
export interface SocketRoute {
  readonly server: WebSocketServer;
  /** Checks the request before the upgrade; its result is passed to `connected`. */
  readonly admit: (request: IncomingMessage, url: URL) => Promise<unknown>;
  readonly connected: (socket: WebSocket, request: IncomingMessage, admitted: unknown) => void;
  /** Asks the peer to reconnect elsewhere, because this node stops. Idempotent. */
  readonly dismiss: (socket: WebSocket) => void;
  /** Called instead of `connected` if the handshake fails after `admit`. */
  readonly abandoned?: (admitted: unknown) => void;
}

/** Base for parsing request URLs; the host is not used. */
const base = 'http://localhost';

/**
 * Routes each upgrade by its path. An unknown path or a refused request gets an ordinary HTTP response. Every response
 * has the id of its request.
 * @param refuse makes the response from the thrown error, and logs what is unexpected with the id of the request
 */
export function routeUpgrades(
  http: Server,
  routes: ReadonlyMap<string, SocketRoute>,
  refuse: (error: unknown, request: IncomingMessage) => Refusal,
  unknownPath: (path: string) => Error,
): void {
  const answerId = (headers: string[], request: IncomingMessage) =>
    void headers.push(`${requestIdHeader}: ${idOfUpgrade(request)}`);
  // Several paths may share one server.
  for (const server of new Set([...routes.values()].map((route) => route.server))) server.on('headers', answerId);
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Without a listener an error during the handshake would crash the process.
    socket.on('error', destroyOnError);
    void admit(request)
      .then(({ route, admitted }) => {
        let isConnected = false;
        // handleUpgrade calls back synchronously, or not at all.
        route.server.handleUpgrade(request, socket, head, (webSocket) => {
          isConnected = true;
          // From now on `ws` handles errors of the connection.
          socket.off('error', destroyOnError);
          route.connected(webSocket, request, admitted);
        });
        if (!isConnected) route.abandoned?.(admitted);
      })
      .catch((error: unknown) => sendRefusal(socket, request, refuse(error, request)));
  });

  async function admit(request: IncomingMessage): Promise<{ route: SocketRoute; admitted: unknown }> {
    const address = request.url ?? '/';
    if (!URL.canParse(address, base)) throw unknownPath(address);
    const url = new URL(address, base);
    const path = url.pathname.replace(/(?<=.)\/$/, '');
    const route = routes.get(path);
    if (!route) throw unknownPath(path);
    return { route, admitted: await route.admit(request, url) };
  }
}

/** A shared listener: a closure would keep the request alive as long as its socket. */
function destroyOnError(this: Duplex): void {
  this.destroy();
}

function sendRefusal(socket: Duplex, request: IncomingMessage, { headers, ...refusal }: Refusal): void {
  if (!socket.writable) return;
  socket.end(rawResponse({ ...refusal, headers: { ...headers, [requestIdHeader]: idOfUpgrade(request) } }));
}
