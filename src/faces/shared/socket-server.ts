import { type ServerOptions, WebSocketServer } from 'ws';

/** How long a peer may take to answer a close, in milliseconds; then its connection is cut. */
const closeMs = 1_000;

/** Creates a WebSocket server that is handed its upgrades and does not listen itself. */
export function createSocketServer(options: ServerOptions): WebSocketServer {
  // The types do not know `closeTimeout` yet.
  const more = { noServer: true, closeTimeout: closeMs };
  return new WebSocketServer({ ...options, ...more });
}
