import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { createRounds } from '../rounds.ts';
import { whenStalled } from '../stalled.ts';

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

/** Pings the peer at this pace and ends the connection when it has not answered by the next ping. */
export function keepAlive(socket: WebSocket, heartbeatMs: number): void {
  socket.on('pong', answered);
  rounds.join(heartbeatMs, socket);
}

function answered(this: WebSocket): void {
  silent.delete(this);
}

/** How long a peer that was told to go may take to answer, in milliseconds. */
const goodbyeMs = 5_000;

/** It is to come back and go on from where it was. */
const tryAgainLater = 1013;

/**
 * Closes a WebSocket with 1013 when its peer has taken nothing of what waits for it for `stalledMs`. One that takes
 * little by little is left alone: what it follows is read at its pace.
 */
export function endWhenStalled(socket: WebSocket, connection: Socket, stalledMs: number): void {
  whenStalled(connection, stalledMs, () => {
    socket.close(tryAgainLater, 'Too slow, come back and resume');
    const cut = setTimeout(() => socket.terminate(), goodbyeMs);
    socket.once('close', () => clearTimeout(cut));
  });
}
