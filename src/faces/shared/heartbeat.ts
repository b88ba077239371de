import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { createRounds } from './rounds.ts';
import { endStalledBy } from './stalled.ts';

/** Sockets that have not answered their last ping yet. */
const silent = new WeakSet<WebSocket>();

const rounds = createRounds<WebSocket>((socket) => {
  if (socket.readyState === socket.CLOSED) return false;
  if (silent.has(socket)) {
    socket.terminate();
    return false;
  }
  silent.add(socket);
  socket.ping();
  return true;
});

/** Default period of pings, in milliseconds. */
export const heartbeatMs = 15_000;

/** Pings the peer every `periodMs` and cuts the connection if the last ping was not answered. */
export function keepAlive(socket: WebSocket, periodMs: number): void {
  socket.on('pong', answered);
  rounds.add(periodMs, socket);
}

function answered(this: WebSocket): void {
  silent.delete(this);
}

/** Close code: the client should reconnect and resume. */
const tryAgainLater = 1013;
const goingAway = 1001;

/** Closes the socket because this node stops; the client should reconnect elsewhere. */
export function dismiss(socket: WebSocket): void {
  socket.close(goingAway, 'Going away');
}

/** Closes the socket of a peer with too many unsent bytes. */
export function closeAsTooSlow(socket: WebSocket): void {
  socket.close(tryAgainLater, 'Too slow: reconnect and resume');
}

/**
 * Closes a WebSocket with 1013, instead of cutting the connection, when its peer is stalled. Slow peers that still
 * receive some bytes are not closed: their streams are read at their pace.
 */
export function closeWhenStalled(socket: WebSocket, connection: Socket): void {
  endStalledBy(connection, () => closeAsTooSlow(socket));
}
