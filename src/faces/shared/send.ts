import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { closeAsTooSlow } from './heartbeat.ts';
import { smallBytes, type Unsent } from './unsent.ts';

/** The other end of a WebSocket. */
export interface Peer {
  readonly socket: WebSocket;
  /** The TCP connection of the socket. */
  readonly connection: Socket;
  /** Characters in the peer's messages that are being handled. */
  characters: number;
}

/** Bounds on buffered data. */
export interface SendLimits<Receiver extends Peer> {
  /** Reading from a peer pauses above this many bytes buffered for it, or characters of its messages being handled. */
  readonly maxWaitingBytes: number;
  readonly unsent: Unsent;
  /** The key that unsent bytes are counted under: a user or an address. */
  readonly ownerOf: (receiver: Receiver) => string;
}

/** Stops reading from a peer that does not read its replies or has too many messages under way. */
export function pauseWhenBusy<Receiver extends Peer>(limits: SendLimits<Receiver>, receiver: Receiver): void {
  if (isBusy(limits, receiver)) receiver.socket.pause();
}

/** Resumes reading once the peer is below its bounds. */
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

/** Buffered bytes below which the caller may send the next message immediately. */
const shortBufferBytes = 64 * 1024;

/**
 * Sends a message. Returns undefined if the buffer is short, else a promise that resolves when the message is flushed.
 * Closed sockets are ignored here. Messages sent in the same turn of the event loop are written with one system call,
 * because a call for each costs more than everything else. The socket is closed with 1013 if the process has no room
 * for more unsent bytes.
 */
export function send<Receiver extends Peer>(
  limits: SendLimits<Receiver>,
  receiver: Receiver,
  text: string,
): Promise<void> | undefined {
  const { maxWaitingBytes, unsent, ownerOf } = limits;
  const { socket, connection } = receiver;
  if (socket.readyState !== socket.OPEN) return undefined;
  corkForThisTurn(connection);
  if (socket.bufferedAmount + text.length <= Math.min(shortBufferBytes, maxWaitingBytes)) {
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

const corked = new Set<Socket>();

/** Buffers writes to the connection until the end of this turn. */
function corkForThisTurn(connection: Socket): void {
  if (corked.has(connection)) return;
  connection.cork();
  if (corked.size === 0) process.nextTick(uncorkAll);
  corked.add(connection);
}

function uncorkAll(): void {
  for (const connection of corked) connection.uncork();
  corked.clear();
}
