import type { WebSocket } from 'ws';
import { closeAsTooSlow } from '../../shared/heartbeat.ts';
import { smallBytes, type Unsent } from '../../shared/unsent.ts';

/** What is to be sent to one peer, in order. */
export interface Outbox {
  push(frame: object): void;
  /** Resolves when so little waits that more may come, or when the connection is over. */
  room(): Promise<void>;
  /** Sends what waits, then closes without a code. */
  finish(): void;
}

interface Message {
  readonly text: string;
  /** Counts it off, if it was large enough to be counted. */
  readonly release: (() => void) | undefined;
}

export interface OutboxOptions {
  /** Characters that may wait before `room` makes others wait. */
  readonly maxWaiting?: number;
  readonly unsent: Unsent;
  /** As whose what waits is counted. */
  readonly ownerOf: () => string;
}

/** Characters that may wait before `room` makes others wait. */
const defaultMaxWaiting = 1024 * 1024;
/** How long ago a message was sent for sure to be read before the next, in milliseconds. */
const quietMs = 1_000;
/** Longest wait for a peer to show that it has read a message, in milliseconds. */
const patienceMs = 250;
/** How long a distant peer may hold up all that waits together, in milliseconds. */
const delayMs = 10_000;
/** How long a peer may take for what still waits at the end, in milliseconds. */
const finishMs = 10_000;

/**
 * Sends one message at a time. Clients of this protocol listen for one message, handle it and listen anew: of those
 * that arrive in one piece they lose all but the first. So the next one leaves when the peer has answered a
 * protocol-level ping sent behind the last one. For who is too far away for that, or does not answer, the messages
 * are spaced instead: the more wait, the closer together. A peer for whose message there is no room among all that
 * waits in the process is closed with 1013.
 */
export function createOutbox(socket: WebSocket, options: OutboxOptions): Outbox {
  const { maxWaiting = defaultMaxWaiting, unsent, ownerOf } = options;
  let waiting: Message[] = [];
  let count = 0;
  /** The most that waited since nothing did. */
  let longest = 0;
  let characters = 0;
  let isSending = false;
  let isFinishing = false;
  let sentAt = Number.NEGATIVE_INFINITY;
  let sent = 0;
  /** The number of the last message that the peer has read for sure. */
  let read = 0;
  /** How long the peer takes to answer, lately. */
  let usualMs = 0;
  let onRead = () => {};
  const onRoom: (() => void)[] = [];

  const isOpen = () => socket.readyState === socket.OPEN;

  function makeRoom(): void {
    if (characters > maxWaiting && isOpen()) return;
    for (const go of onRoom.splice(0)) go();
  }

  /** Waits until the peer has read the last message, or has had the time to. */
  async function lastRead(): Promise<void> {
    if (read === sent || performance.now() - sentAt > quietMs) return;
    const spacingMs = Math.min(patienceMs, delayMs / longest);
    // Who answers quickly and has not this time is busy, and must be waited for.
    const isNear = usualMs <= spacingMs;
    await new Promise<void>((resolve) => {
      function giveUp(): void {
        if (isNear && read !== sent) usualMs = patienceMs;
        resolve();
      }
      // The answer may be here already: when we were busy, the clock is looked at before the connections are.
      const timer = setTimeout(() => setImmediate(giveUp), isNear ? patienceMs : spacingMs);
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
    // Whatever comes of it: a connection that broke says so by itself.
    return new Promise((resolve) => socket.send(text, () => resolve()));
  }

  async function run(): Promise<void> {
    while (isOpen()) {
      const batch = waiting;
      if (batch.length === 0) break;
      // Taken as a whole: taking the first off a long list costs as much as the list is long.
      waiting = [];
      for (const { text, release } of batch) {
        if (!isOpen()) break;
        await lastRead();
        await send(text);
        release?.();
        count -= 1;
        if (count === 0) longest = 0;
        characters -= text.length;
        makeRoom();
      }
    }
    isSending = false;
    if (isFinishing) socket.close();
  }

  socket.on('pong', (data) => {
    const [number, pingedAt] = String(data).split(' ').map(Number);
    if (number === undefined || pingedAt === undefined || !(number <= sent)) return;
    usualMs = 0.7 * usualMs + 0.3 * (performance.now() - pingedAt);
    if (number !== sent) return;
    read = sent;
    onRead();
  });
  socket.once('close', () => {
    waiting = [];
    onRead();
    makeRoom();
  });

  return {
    push(frame) {
      if (isFinishing || !isOpen()) return;
      const text = JSON.stringify(frame);
      const release = text.length < smallBytes ? undefined : unsent.add(ownerOf(), text.length);
      if (text.length >= smallBytes && !release) return closeAsTooSlow(socket);
      // It may be closed before its turn comes.
      if (release) socket.once('close', release);
      waiting.push({ text, release });
      count += 1;
      longest = Math.max(longest, count);
      characters += text.length;
      if (isSending) return;
      isSending = true;
      void run();
    },
    room: () =>
      new Promise((resolve) => {
        onRoom.push(resolve);
        makeRoom();
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
