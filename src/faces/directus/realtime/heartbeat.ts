import type { WebSocket } from 'ws';
import type { Outbox } from './outbox.ts';
import type { Session } from './session.ts';

/**
 * Asks the peer at this pace to show that it is there, and ends the connection when nothing at all has come from it
 * by the next time. Any message answers, as does a frame of the protocol below. Nobody is asked during the handshake.
 */
export function askForLife(
  socket: WebSocket,
  { outbox, session }: { readonly outbox: Outbox; readonly session: Pick<Session, 'isWaiting'> },
  periodMs: number,
): void {
  let isHeard = true;
  const heartbeat = setInterval(() => {
    if (session.isWaiting) return undefined;
    if (!isHeard) return socket.close();
    isHeard = false;
    return outbox.push({ type: 'ping' });
  }, periodMs);
  for (const sign of ['message', 'ping', 'pong'] as const) {
    socket.on(sign, () => {
      isHeard = true;
    });
  }
  socket.once('close', () => clearInterval(heartbeat));
}
