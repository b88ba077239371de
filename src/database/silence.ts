import type pg from 'pg';
import { socketOf } from './session.ts';

/**
 * Closes connections that are in use and had no traffic for `silenceMs`; their queries fail. If the network drops
 * packets, the operating system would notice only after a quarter of an hour.
 */
export function endSilentConnections(pool: pg.Pool, silenceMs: number): void {
  pool.on('connect', (client) => {
    const socket = socketOf(client);
    const silence = () => socket?.destroy(new Error(`The database has not answered for ${silenceMs} ms.`));
    socket?.on('timeout', silence);
  });
  // Idle connections have no timeout.
  pool.on('acquire', (client) => void socketOf(client)?.setTimeout(silenceMs));
  pool.on('release', (_error, client) => void socketOf(client)?.setTimeout(0));
}
