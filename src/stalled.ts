import type { Socket } from 'node:net';

/** Calls back, once, when something waits and nothing of it has gone out for so long; the answer ends that. */
export function whenStalled(connection: Socket, stalledMs: number, onStalled: () => void): () => void {
  const looks = 2;
  let taken = -1;
  let stalled = 0;
  const timer = setInterval(() => {
    const now = connection.bytesWritten - connection.writableLength;
    stalled = connection.writableLength > 0 && now === taken ? stalled + 1 : 0;
    taken = now;
    if (stalled < looks) return;
    clearInterval(timer);
    onStalled();
  }, stalledMs / looks).unref();
  return () => clearInterval(timer);
}
