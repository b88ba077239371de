import type { WebSocket } from 'ws';
import type { Outbox } from './outbox.ts';

/** What may wait before no more is read. */
interface Bound {
  readonly messages: number;
  readonly bytes: number;
}

/** The same for somebody who has not signed in, and need not say much. */
const newcomers: Bound = { messages: 4, bytes: 16 * 1024 };
const mostMessages = 100;
/** How much of the messages is left when reading goes on. */
const low = 0.1;

export interface IntakeOptions {
  readonly outbox: Pick<Outbox, 'room'>;
  readonly handle: (text: string) => Promise<void>;
  readonly isKnown: () => boolean;
  /** Most bytes of messages that wait, but for the last one. */
  readonly maxBytes: number;
}

/**
 * Handles the messages of a peer one after the other, each when the answers before it have left: who asks without
 * reading the answers is not listened to until they have gone out.
 */
export function takeIn(socket: WebSocket, { outbox, handle, isKnown, maxBytes }: IntakeOptions): void {
  const members: Bound = { messages: mostMessages, bytes: maxBytes };
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let bytes = 0;

  async function take(text: string): Promise<void> {
    await outbox.room();
    // What a peer said before it left is no longer of interest.
    if (socket.readyState === socket.OPEN) await handle(text);
    waiting -= 1;
    bytes -= text.length;
    const bound = isKnown() ? members : newcomers;
    if (socket.isPaused && waiting <= low * bound.messages && bytes <= bound.bytes) socket.resume();
  }

  socket.on('message', (message) => {
    const text = String(message);
    waiting += 1;
    bytes += text.length;
    const bound = isKnown() ? members : newcomers;
    if (waiting > bound.messages || bytes > bound.bytes) socket.pause();
    last = last.then(() => take(text));
  });
}
