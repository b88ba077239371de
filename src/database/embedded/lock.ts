import pg from 'pg';
import { EmbeddedError } from './error.ts';

/** Why a connection to the cluster did not come about. */
export type Refusal =
  /** Nobody answers (yet). */
  | { readonly kind: 'silent' }
  /** PostgreSQL answers that it starts, recovers, stops or is full. */
  | { readonly kind: 'busy' }
  /** Another service holds the cluster. */
  | { readonly kind: 'locked' };

// Any number, as long as every version of the service uses the same.
const lockKey = 0x7469_6469;
// The lock of a service that was killed is freed within milliseconds; a live one keeps it for good.
const lockTimeoutMs = 2_000;

/**
 * Takes the cluster for this process: an advisory lock of the session, which PostgreSQL frees when the connection
 * ends, however the process died. Nothing of it is on disk, so nothing can go stale.
 * @throws EmbeddedError when the answer would be the same every time, such as for a wrong password.
 */
export async function lockCluster(url: string): Promise<pg.Client | Refusal> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'tidings lock',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // Whoever gets the client listens to `end`; the error before it says nothing more.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`set lock_timeout = ${lockTimeoutMs}`);
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (!(error instanceof pg.DatabaseError)) return { kind: 'silent' };
    if (error.code === '55P03') return { kind: 'locked' };
    if (/^(57P|53)/.test(error.code ?? '')) return { kind: 'busy' };
    throw new EmbeddedError(`The PostgreSQL in the data folder refuses the service: ${error.message}.`, error);
  }
}

/** Waits until the connection is over, whoever ends it. */
export function ended(client: pg.Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('end', resolve);
  });
}
