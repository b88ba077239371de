import type { Socket } from 'node:net';
import { createRounds } from './rounds.ts';

interface Watched {
  readonly connection: Socket;
  readonly onStalled: () => void;
  taken: number;
  stalled: number;
}

/** A connection that took nothing between so many looks, one after the other, is stalled. */
const looks = 2;

const rounds = createRounds<Watched>((watched) => {
  const { connection } = watched;
  if (connection.destroyed) return false;
  const taken = connection.bytesWritten - connection.writableLength;
  watched.stalled = connection.writableLength > 0 && taken === watched.taken ? watched.stalled + 1 : 0;
  watched.taken = taken;
  if (watched.stalled < looks) return true;
  watched.onStalled();
  return false;
});

/**
 * Calls back, once, when something waits and nothing of it has gone out for so long. The answer ends that; it ends by
 * itself with the connection.
 */
export function whenStalled(connection: Socket, stalledMs: number, onStalled: () => void): () => void {
  return rounds.join(stalledMs / looks, { connection, onStalled, taken: -1, stalled: 0 });
}
