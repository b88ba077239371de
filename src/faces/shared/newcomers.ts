import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { addressKey } from '../../client-address.ts';
import { requestsExceeded } from '../../errors.ts';

/** Counts the sockets on which nobody has signed in yet, by the address they come from. */
export interface Newcomers {
  /**
   * Counts one more; the answer, which may be called again, counts it off.
   * @throws ServiceError REQUESTS_EXCEEDED when the address has as many as it may.
   */
  open(address: string): () => void;
}

/** @param most sockets of one address at one time. */
export function createNewcomers(most: number): Newcomers {
  const counts = new Map<string, number>();
  return {
    open(from) {
      const address = addressKey(from);
      const count = counts.get(address) ?? 0;
      if (count >= most) throw requestsExceeded(`nobody has signed in on ${most} sockets of this address`);
      counts.set(address, count + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (counts.get(address) ?? 1) - 1;
        if (left === 0) counts.delete(address);
        else counts.set(address, left);
      };
    },
  };
}

/** Largest message from somebody who has not signed in, in bytes: a token or a password fits well. */
const newcomerBytes = 8 * 1024;

const tooBig = 1009;

/**
 * Closes the socket with 1009 when a larger message begins to come, instead of keeping it until it is complete. The
 * answer ends that.
 */
export function boundMessages(socket: WebSocket, connection: Socket): () => void {
  let before = connection.bytesRead;
  function onMessage(data: RawData): void {
    before = connection.bytesRead;
    // A whole one may have come at once.
    if (lengthOf(data) > newcomerBytes) refuse();
  }
  function onData(): void {
    if (connection.bytesRead - before > newcomerBytes) refuse();
  }
  function refuse(): void {
    stop();
    socket.close(tooBig, 'Sign in first');
    // The rest of it is not listened to.
    socket.pause();
  }
  function stop(): void {
    socket.off('message', onMessage);
    connection.off('data', onData);
  }
  // Before whoever would read it.
  socket.prependListener('message', onMessage);
  connection.on('data', onData);
  return stop;
}

function lengthOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, { length }) => sum + length, 0) : data.byteLength;
}
