import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createRounds } from './rounds.ts';

interface Watched {
  readonly connection: Socket;
  /** Bytes of completed writes. */
  taken: number;
  /** Bytes of the pending write that the kernel has not accepted; a large write completes only as a whole. */
  queued: number;
  /** Consecutive checks without progress. */
  stalledChecks: number;
}

/** A connection is stalled after this many consecutive checks without progress. */
const checks = 2;

/** Bytes of unsent answers by connection, including those queued behind an earlier answer. */
const unsent = new WeakMap<Socket, number>();

/** Callbacks that replace cutting the connection. */
const endCallbacks = new WeakMap<Socket, () => void>();

const rounds = createRounds<Watched>((watched) => {
  const { connection } = watched;
  if (connection.destroyed) return false;
  const taken = connection.bytesWritten - connection.writableLength;
  const queued = queuedOf(connection);
  const hasUnsent = connection.writableLength > 0 || (unsent.get(connection) ?? 0) > 0;
  const isUnchanged = taken === watched.taken && queued === watched.queued;
  watched.stalledChecks = hasUnsent && isUnchanged ? watched.stalledChecks + 1 : 0;
  watched.taken = taken;
  watched.queued = queued;
  if (watched.stalledChecks < checks) return true;
  const end = endCallbacks.get(connection);
  if (end) end();
  else connection.destroy();
  return false;
});

/** Node exposes this figure only on the connection's handle, where its own timeouts read it. */
function queuedOf(connection: Socket): number {
  const { _handle: handle } = connection as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}

/**
 * Cuts every connection whose peer accepts none of its unsent bytes for `stalledMs`, be they of answers, streams or
 * WebSocket frames. Connections without unsent bytes are never cut, however long they are idle.
 */
export function endStalledConnections(server: Server, stalledMs: number): void {
  server.on('connection', (connection: Socket) => {
    connection.once('close', rounds.add(stalledMs / checks, { connection, taken: -1, queued: 0, stalledChecks: 0 }));
  });
}

/** Calls `end`, which must close the connection, instead of cutting it when it is stalled. */
export function endStalledBy(connection: Socket, end: () => void): void {
  endCallbacks.set(connection, end);
}

/** Adds to the unsent bytes of answers, which Node may queue outside the socket; a negative number subtracts. */
export function countUnsent(connection: Socket, bytes: number): void {
  unsent.set(connection, (unsent.get(connection) ?? 0) + bytes);
}
