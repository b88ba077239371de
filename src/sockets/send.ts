import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { smallBytes, type Unsent } from '../unsent.ts';
import { closeAsTooSlow } from './heartbeat.ts';

/** Whom a message is sent to. */
export interface Peer {
  readonly socket: WebSocket;
  /** What carries it. */
  readonly connection: Socket;
}

/** What may wait for peers. */
export interface SendLimits<Receiver extends Peer> {
  /** Above it the socket may have been paused; it is listened to again below that. */
  readonly maxWaitingBytes: number;
  readonly unsent: Unsent;
  /** As whose what waits is counted. */
  readonly ownerOf: (receiver: Receiver) => string;
}

/** What may wait for a peer before the next message is taken for it. */
const fewBytes = 64 * 1024;

/**
 * Nothing to wait for when little waits already; a socket that is gone is told of elsewhere. What is sent in one turn
 * goes out together: to call the system for each message costs more than all the rest of it. A peer for whose message
 * there is no room among all that waits is closed with 1013.
 */
export function send<Receiver extends Peer>(
  { maxWaitingBytes, unsent, ownerOf }: SendLimits<Receiver>,
  receiver: Receiver,
  text: string,
): Promise<void> | undefined {
  const { socket, connection } = receiver;
  if (socket.readyState !== socket.OPEN) return undefined;
  gather(connection);
  if (socket.bufferedAmount + text.length <= Math.min(fewBytes, maxWaitingBytes)) {
    socket.send(text);
    return undefined;
  }
  const release = text.length < smallBytes ? undefined : unsent.add(ownerOf(receiver), text.length);
  if (text.length >= smallBytes && !release) {
    closeAsTooSlow(socket);
    return undefined;
  }
  return new Promise((resolve) => {
    socket.send(text, () => {
      release?.();
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
