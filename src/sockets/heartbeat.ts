import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { whenStalled } from '../stalled.ts';

/** Pings the peer at this pace and ends the connection when it has not answered by the next ping. */
export function keepAlive(socket: WebSocket, heartbeatMs: number): void {
  let isAlive = true;
  const heartbeat = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    return socket.ping();
  }, heartbeatMs);
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.once('close', () => clearInterval(heartbeat));
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
  const end = whenStalled(connection, stalledMs, () => {
    socket.close(tryAgainLater, 'Too slow, come back and resume');
    const cut = setTimeout(() => socket.terminate(), goodbyeMs);
    socket.once('close', () => clearTimeout(cut));
  });
  socket.once('close', end);
}
