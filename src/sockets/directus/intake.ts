import type { WebSocket } from 'ws';
import type { Outbox } from './outbox.ts';

/** Messages that may wait before no more are read, and how many are left when reading goes on. */
const waitingMax = 100;
const waitingLow = 10;

/**
 * Handles the messages of a peer one after the other, each when the answers before it have left: who asks without
 * reading the answers is not listened to until they have gone out.
 */
export function takeIn(socket: WebSocket, outbox: Outbox, handle: (text: string) => Promise<void>): void {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;

  async function take(text: string): Promise<void> {
    await outbox.room();
    // What a peer said before it left is no longer of interest.
    if (socket.readyState === socket.OPEN) await handle(text);
    waiting -= 1;
    if (socket.isPaused && waiting <= waitingLow) socket.resume();
  }

  socket.on('message', (message) => {
    waiting += 1;
    if (waiting > waitingMax) socket.pause();
    last = last.then(() => take(String(message)));
  });
}
