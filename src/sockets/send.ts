import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Whom a message is sent to. */
export interface Peer {
  readonly socket: WebSocket;
  /** What carries it. */
  readonly connection: Socket;
}

/** What may wait for a peer before the next message is taken for it. */
const fewBytes = 64 * 1024;

/**
 * Nothing to wait for when little waits already; a socket that is gone is told of elsewhere. What is sent in one turn
 * goes out together: to call the system for each message costs more than all the rest of it.
 * @param limits above `maxWaitingBytes` the socket may have been paused; it is listened to again below that.
 */
export function send(
  { maxWaitingBytes }: { readonly maxWaitingBytes: number },
  { socket, connection }: Peer,
  text: string,
): Promise<void> | undefined {
  if (socket.readyState !== socket.OPEN) return undefined;
  gather(connection);
  if (socket.bufferedAmount + text.length <= Math.min(fewBytes, maxWaitingBytes)) {
    socket.send(text);
    return undefined;
  }
  return new Promise((resolve) => {
    socket.send(text, () => {
      if (socket.isPaused && socket.bufferedAmount <= maxWaitingBytes) socket.resume();
      resolve();
    });
  });
}

const gathered = new Set<Socket>();

/** Keeps back what is written to a connection until everything of this turn has been. */
function gather(connection: Socket): void {
  if (gathered.has(connection)) return;
  connection.cork();
  if (gathered.size === 0) process.nextTick(letGo);
  gathered.add(connection);
}

function letGo(): void {
  for (const connection of gathered) connection.uncork();
  gathered.clear();
}
