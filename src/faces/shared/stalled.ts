import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createRounds } from './rounds.ts';

interface Watched {
  readonly connection: Socket;
  /** Bytes of the writes that are over. */
  taken: number;
  /** Bytes of the write under way that the system has not taken: one of many megabytes is over only as a whole. */
  queued: number;
  stalled: number;
}

/** A connection that took nothing between so many looks, one after the other, is stalled. */
const looks = 2;

/** Bytes of answers that are complete but wait behind an earlier one on the same connection, or in it. */
const unsent = new WeakMap<Socket, number>();

/** What is done instead of cutting the connection. */
const endings = new WeakMap<Socket, () => void>();

const rounds = createRounds<Watched>((watched) => {
  const { connection } = watched;
  if (connection.destroyed) return false;
  const taken = connection.bytesWritten - connection.writableLength;
  const queued = queuedOf(connection);
  const isWaiting = connection.writableLength > 0 || (unsent.get(connection) ?? 0) > 0;
  const isStill = taken === watched.taken && queued === watched.queued;
  watched.stalled = isWaiting && isStill ? watched.stalled + 1 : 0;
  watched.taken = taken;
  watched.queued = queued;
  if (watched.stalled < looks) return true;
  const end = endings.get(connection);
  if (end) end();
  else connection.destroy();
  return false;
});

/** Node shows it on the handle of a connection, where its own time-outs read it, and nowhere else. */
function queuedOf(connection: Socket): number {
  const { _handle: handle } = connection as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}

/**
 * Ends every connection of the server whose peer takes nothing of what waits for it for so long, whatever it was sent:
 * answers, streams, frames of sockets. While nothing waits nobody is ended, so a pause between answers costs nothing.
 */
export function endStalledConnections(server: Server, stalledMs: number): void {
  server.on('connection', (connection: Socket) => {
    connection.once('close', rounds.join(stalledMs / looks, { connection, taken: -1, queued: 0, stalled: 0 }));
  });
}

/** Calls back instead of cutting the connection when it has stalled; whoever is called ends it. */
export function endStalledBy(connection: Socket, end: () => void): void {
  endings.set(connection, end);
}

/** Says that so many more bytes wait for the peer (or fewer): Node keeps an answer apart while another goes before it. */
export function countUnsent(connection: Socket, bytes: number): void {
  unsent.set(connection, (unsent.get(connection) ?? 0) + bytes);
}
