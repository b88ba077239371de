import type { WebSocket } from 'ws';
import type { Session } from './realtime-session.ts';
import type { SendQueue } from './send-queue.ts';

/**
 * Sends a `ping` message every `periodMs` and closes the socket when nothing has arrived since the last one. Any
 * message counts, and so does a WebSocket ping or pong frame. In the mode `handshake` no ping is sent until the
 * client has signed in.
 */
export function startHeartbeat(
  socket: WebSocket,
  { sendQueue, session }: { readonly sendQueue: SendQueue; readonly session: Pick<Session, 'isWaiting'> },
  periodMs: number,
): void {
  let isAlive = true;
  const timer = setInterval(() => {
    if (session.isWaiting) return undefined;
    if (!isAlive) return socket.close();
    isAlive = false;
    return sendQueue.push({ type: 'ping' });
  }, periodMs);
  for (const event of ['message', 'ping', 'pong'] as const) {
    socket.on(event, () => {
      isAlive = true;
    });
  }
  socket.once('close', () => clearInterval(timer));
}
