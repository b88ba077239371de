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

/** How often a socket's peer must answer a ping, in milliseconds. */
export const heartbeatMs = 15_000;

/** Pings the peer at this pace and ends the connection when it has not answered by the next ping. */
export function keepAlive(socket: WebSocket, periodMs: number): void {
  socket.on('pong', answered);
  rounds.join(periodMs, socket);
}

function answered(this: WebSocket): void {
  silent.delete(this);
}

/** It is to come back and go on from where it was. */
const tryAgainLater = 1013;
const goingAway = 1001;

/** Tells the peer that this node goes: it is to come back elsewhere. */
export function dismiss(socket: WebSocket): void {
  socket.close(goingAway, 'Going away');
}

/** Closes the socket of a peer for whom too much waits. */
export function closeAsTooSlow(socket: WebSocket): void {
  socket.close(tryAgainLater, 'Too slow, come back and resume');
}

/**
 * Closes a WebSocket with 1013 when its peer has taken nothing of what waits for it for as long as any peer of the
 * server may. One that takes little by little is left alone: what it follows is read at its pace.
 */
export function closeWhenStalled(socket: WebSocket, connection: Socket): void {
  endStalledBy(connection, () => closeAsTooSlow(socket));
}
