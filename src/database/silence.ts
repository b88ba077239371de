import type pg from 'pg';
import { socketOf } from './session.ts';

/**
 * Ends a connection on which nothing came or went for so long while somebody used it: a line on which packets are lost
 * says nothing, and the system gives it up after a quarter of an hour at the earliest. Whoever used it gets the error.
 */
export function endSilentConnections(pool: pg.Pool, silenceMs: number): void {
  pool.on('connect', (client) => {
    const socket = socketOf(client);
    const silence = () => socket?.destroy(new Error(`The database has not answered for ${silenceMs} ms.`));
    socket?.on('timeout', silence);
  });
  // Silence is what an idle connection is for.
  pool.on('acquire', (client) => void socketOf(client)?.setTimeout(silenceMs));
  pool.on('release', (_error, client) => void socketOf(client)?.setTimeout(0));
}
