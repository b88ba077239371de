import type { WebSocket } from 'ws';
import type { SendQueue } from './send-queue.ts';

/** The most that may be queued before the socket is paused. */
interface QueueLimit {
  readonly messages: number;
  readonly bytes: number;
}

/** For clients that have not signed in. */
const anonymousLimit: QueueLimit = { messages: 4, bytes: 16 * 1024 };
const maxMessages = 100;
/** Reading resumes when the queue is down to this share of its limit in messages. */
const resumeShare = 0.1;

export interface ReadOptions {
  readonly sendQueue: Pick<SendQueue, 'waitForRoom'>;
  readonly handle: (text: string) => Promise<void>;
  readonly isSignedIn: () => boolean;
  /** Maximum number of bytes of queued messages; the message that exceeds it is still queued. */
  readonly maxBytes: number;
}

/**
 * Handles a peer's messages in order. Each message waits until the send queue has room, so a peer that does not read
 * its replies is not read from either.
 */
export function readMessages(socket: WebSocket, { sendQueue, handle, isSignedIn, maxBytes }: ReadOptions): void {
  const userLimit: QueueLimit = { messages: maxMessages, bytes: maxBytes };
  let last: Promise<void> = Promise.resolve();
  let queued = 0;
  let bytes = 0;

  async function handleNext(text: string): Promise<void> {
    await sendQueue.waitForRoom();
    // Messages of a peer that has disconnected are dropped.
    if (socket.readyState === socket.OPEN) await handle(text);
    queued -= 1;
    bytes -= text.length;
    const limit = isSignedIn() ? userLimit : anonymousLimit;
    if (socket.isPaused && queued <= resumeShare * limit.messages && bytes <= limit.bytes) socket.resume();
  }

  socket.on('message', (message) => {
    const text = String(message);
    queued += 1;
    bytes += text.length;
    const limit = isSignedIn() ? userLimit : anonymousLimit;
    if (queued > limit.messages || bytes > limit.bytes) socket.pause();
    last = last.then(() => handleNext(text));
  });
}
