import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { addressKey } from '../../client-address.ts';
import { createOpenLimit } from '../../open-limit.ts';

/** Counts the sockets without a signed-in user, by client address. */
export interface UnauthenticatedSockets {
  /**
   * Adds a socket. Returns an idempotent function that removes it.
   * @throws ServiceError REQUESTS_EXCEEDED when the address has reached its limit.
   */
  open(address: string): () => void;
}

/** @param most the limit of open sockets per address. */
export function createUnauthenticatedSockets(most: number): UnauthenticatedSockets {
  const limit = createOpenLimit(most, `${most} sockets of this address are open without a sign-in`);
  return { open: (address) => limit.open(addressKey(address)) };
}

/** Largest message before sign-in, in bytes: enough for a token or a password. */
const maxMessageBytes = 8 * 1024;

const tooBig = 1009;

/**
 * Closes the socket with 1009 as soon as more than `maxMessageBytes` of a message have arrived, without buffering the
 * rest. Returns a function that removes the limit.
 */
export function limitMessageSize(socket: WebSocket, connection: Socket): () => void {
  let bytesBefore = connection.bytesRead;
  function onMessage(data: RawData): void {
    bytesBefore = connection.bytesRead;
    // A message may arrive complete in one read.
    if (lengthOf(data) > maxMessageBytes) refuse();
  }
  function onData(): void {
    if (connection.bytesRead - bytesBefore > maxMessageBytes) refuse();
  }
  function refuse(): void {
    stop();
    socket.close(tooBig, 'Sign in first');
    // The rest of the message is not read.
    socket.pause();
  }
  function stop(): void {
    socket.off('message', onMessage);
    connection.off('data', onData);
  }
  // Runs before the listeners that handle messages.
  socket.prependListener('message', onMessage);
  connection.on('data', onData);
  return stop;
}

function lengthOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, { length }) => sum + length, 0) : data.byteLength;
}
