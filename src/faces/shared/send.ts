import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { closeAsTooSlow } from './heartbeat.ts';
import { smallBytes, type Unsent } from './unsent.ts';

/** Whom a message is sent to. */
export interface Peer {
  readonly socket: WebSocket;
  /** What carries it. */
  readonly connection: Socket;
  /** Of the messages from it that are being handled. */
  characters: number;
}

/** What may wait for peers. */
export interface SendLimits<Receiver extends Peer> {
  /** Most that may wait for one peer, or be handled of what it said, before no more is listened to. */
  readonly maxWaitingBytes: number;
  readonly unsent: Unsent;
  /** As whose what waits is counted. */
  readonly ownerOf: (receiver: Receiver) => string;
}

/** Pauses a peer who asks without reading the answers, or for more than can be done at once. */
export function pauseWhenBusy<Receiver extends Peer>(limits: SendLimits<Receiver>, receiver: Receiver): void {
  if (isBusy(limits, receiver)) receiver.socket.pause();
}

/** Goes on listening once there is room. */
export function resumeWhenIdle<Receiver extends Peer>(limits: SendLimits<Receiver>, receiver: Receiver): void {
  const { socket } = receiver;
  if (socket.isPaused && socket.readyState === socket.OPEN && !isBusy(limits, receiver)) socket.resume();
}

function isBusy<Receiver extends Peer>(
  { maxWaitingBytes }: SendLimits<Receiver>,
  { socket, characters }: Receiver,
): boolean {
  return socket.bufferedAmount > maxWaitingBytes || characters > maxWaitingBytes;
}

/** What may wait for a peer before the next message is taken for it. */
const fewBytes = 64 * 1024;

/**
 * Nothing to wait for when little waits already; a socket that is gone is told of elsewhere. What is sent in one turn
 * goes out together: to call the system for each message costs more than all the rest of it. A peer for whose message
 * there is no room among all that waits is closed with 1013.
 */
export function send<Receiver extends Peer>(
  limits: SendLimits<Receiver>,
  receiver: Receiver,
  text: string,
): Promise<void> | undefined {
  const { maxWaitingBytes, unsent, ownerOf } = limits;
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
      resumeWhenIdle(limits, receiver);
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
