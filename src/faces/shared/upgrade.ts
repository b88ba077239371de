import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';

/** Takes over a connection that asked for a WebSocket; throws what `refuse` can answer. */
export interface SocketRoute {
  readonly server: WebSocketServer;
  /** Checks the request before the upgrade; what it answers travels with the socket. */
  readonly admit: (request: IncomingMessage, url: URL) => Promise<unknown>;
  readonly connected: (socket: WebSocket, request: IncomingMessage, admitted: unknown) => void;
  /** Tells the peer to come back elsewhere, because this node goes; nothing when it was told. */
  readonly dismiss: (socket: WebSocket) => void;
  /** Called instead of `connected` when the handshake failed after the admission. */
  readonly abandoned?: (admitted: unknown) => void;
}

/** What a refused upgrade is answered with. */
export interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Only paths and queries count: what host the request names is all the same. */
const base = 'http://localhost';

/**
 * Sends each upgrade to the route of its path; an unknown path or a refused request gets an ordinary HTTP answer.
 * @param refuse is given what was thrown and the address it was thrown for.
 */
export function routeUpgrades(
  http: Server,
  routes: ReadonlyMap<string, SocketRoute>,
  refuse: (error: unknown, address: string) => Refusal,
  unknownPath: (path: string) => Error,
): void {
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A peer that goes away during the handshake must not end the process.
    socket.on('error', destroyed);
    void admit(request)
      .then(({ route, admitted }) => {
        let isConnected = false;
        // It calls back before it returns, or not at all.
        route.server.handleUpgrade(request, socket, head, (webSocket) => {
          isConnected = true;
          // From now on the WebSocket hears of it.
          socket.off('error', destroyed);
          route.connected(webSocket, request, admitted);
        });
        if (!isConnected) route.abandoned?.(admitted);
      })
      .catch((error: unknown) => answer(socket, refuse(error, request.url ?? '/')));
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

/** One for all sockets: made in place it would keep the request for as long as its socket lives. */
function destroyed(this: Duplex): void {
  this.destroy();
}

function answer(socket: Duplex, { status, body, headers = {} }: Refusal): void {
  if (!socket.writable) return;
  const text = JSON.stringify(body);
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      'X-Content-Type-Options: nosniff',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(text)}`,
      '',
      text,
    ].join('\r\n'),
  );
}
