import type { WebSocket } from 'ws';
import { closeAsTooSlow } from '../../shared/heartbeat.ts';
import { smallBytes, type Unsent } from '../../shared/unsent.ts';

/** Messages to one peer, sent in order. */
export interface SendQueue {
  push(frame: object): void;
  /** Resolves when the queue is below its limit, or when the connection is closed. */
  waitForRoom(): Promise<void>;
  /** Sends what is queued, then closes without a code. */
  finish(): void;
}

interface Message {
  readonly text: string;
  /** Subtracts it from the process-wide count of unsent bytes; undefined for small messages, which are not counted. */
  readonly release: (() => void) | undefined;
}

export interface SendQueueOptions {
  /** Queued characters above which `waitForRoom` does not resolve. */
  readonly maxQueued?: number;
  readonly unsent: Unsent;
  /** The key that unsent bytes are counted under: a user or an address. */
  readonly ownerOf: () => string;
}

const defaultMaxQueued = 1024 * 1024;
/** Milliseconds after which a sent message counts as read. */
const quietMs = 1_000;
/** Longest wait for the pong that confirms a message, in milliseconds. */
const maxPongMs = 250;
/** Maximum delay that spacing adds to the whole queue, in milliseconds. */
const maxSpacingMs = 10_000;
/** How long `finish` may take to send what is queued, in milliseconds. */
const finishMs = 10_000;

/**
 * Sends one message at a time. Clients of this protocol add a listener for one message, handle it and add the next
 * listener, so when several messages arrive in one read they lose all but the first. Each message is therefore followed
 * by a WebSocket ping, and the next message is sent on the pong. Peers with a long round trip, or that do not answer,
 * get messages at intervals instead, shorter the longer the queue is. The socket is closed with 1013 when the process
 * has no room for more unsent bytes.
 */
export function createSendQueue(socket: WebSocket, options: SendQueueOptions): SendQueue {
  const { maxQueued = defaultMaxQueued, unsent, ownerOf } = options;
  let queue: Message[] = [];
  let count = 0;
  /** The longest the queue has been since it was last empty. */
  let maxLength = 0;
  let characters = 0;
  let isSending = false;
  let isFinishing = false;
  let sentAt = Number.NEGATIVE_INFINITY;
  let sent = 0;
  /** The number of the last message that a pong has confirmed. */
  let read = 0;
  /** Moving average of the round trip. */
  let roundTripMs = 0;
  let onRead = () => {};
  const waiters: (() => void)[] = [];

  const isOpen = () => socket.readyState === socket.OPEN;

  function resolveWaiters(): void {
    if (characters > maxQueued && isOpen()) return;
    for (const resolve of waiters.splice(0)) resolve();
  }

  /** Resolves when the peer has confirmed the last message, or the time for that is over. */
  async function waitUntilRead(): Promise<void> {
    if (read === sent || performance.now() - sentAt > quietMs) return;
    const spacingMs = Math.min(maxPongMs, maxSpacingMs / maxLength);
    // A peer that usually answers within the spacing but has not yet is busy; it gets the full time to answer.
    const isNear = roundTripMs <= spacingMs;
    await new Promise<void>((resolve) => {
      function giveUp(): void {
        if (isNear && read !== sent) roundTripMs = maxPongMs;
        resolve();
      }
      // The pong may have arrived while this process was busy: Node runs timers before it polls sockets.
      const timer = setTimeout(() => setImmediate(giveUp), isNear ? maxPongMs : spacingMs);
      onRead = () => {
        clearTimeout(timer);
        resolve();
      };
      socket.ping(`${sent} ${performance.now()}`);
    });
  }

  function send(text: string): Promise<void> {
    sent += 1;
    sentAt = performance.now();
    // Errors are ignored: a broken connection emits `close`.
    return new Promise((resolve) => socket.send(text, () => resolve()));
  }

  async function sendAll(): Promise<void> {
    while (isOpen()) {
      const batch = queue;
      if (batch.length === 0) break;
      // The whole array is taken: shift() on a long array is linear.
      queue = [];
      for (const { text, release } of batch) {
        if (!isOpen()) break;
        await waitUntilRead();
        await send(text);
        release?.();
        count -= 1;
        if (count === 0) maxLength = 0;
        characters -= text.length;
        resolveWaiters();
      }
    }
    isSending = false;
    if (isFinishing) socket.close();
  }

  socket.on('pong', (data) => {
    const [number, pingedAt] = String(data).split(' ').map(Number);
    if (number === undefined || pingedAt === undefined || !(number <= sent)) return;
    roundTripMs = 0.7 * roundTripMs + 0.3 * (performance.now() - pingedAt);
    if (number !== sent) return;
    read = sent;
    onRead();
  });
  socket.once('close', () => {
    queue = [];
    onRead();
    resolveWaiters();
  });

  return {
    push(frame) {
      if (isFinishing || !isOpen()) return;
      const text = JSON.stringify(frame);
      const release = text.length < smallBytes ? undefined : unsent.add(ownerOf(), text.length);
      if (text.length >= smallBytes && !release) return closeAsTooSlow(socket);
      // Releases messages that are never sent because the socket closes first.
      if (release) socket.once('close', release);
      queue.push({ text, release });
      count += 1;
      maxLength = Math.max(maxLength, count);
      characters += text.length;
      if (isSending) return;
      isSending = true;
      void sendAll();
    },
    waitForRoom: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
        resolveWaiters();
      }),
    finish() {
      if (isFinishing) return;
      isFinishing = true;
      if (!isSending) return socket.close();
      const timer = setTimeout(() => socket.close(), finishMs).unref();
      socket.once('close', () => clearTimeout(timer));
    },
  };
}
