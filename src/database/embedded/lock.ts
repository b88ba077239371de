import pg from 'pg';
import { lockKeys } from '../lock-keys.ts';
import { EmbeddedError } from './error.ts';

/** Why connecting to the cluster or locking it failed. */
export type Refusal =
  /** No server answers. */
  | { readonly kind: 'silent' }
  /** PostgreSQL is starting, recovering, stopping, or has too many connections. */
  | { readonly kind: 'busy' }
  /** Another service holds the lock. */
  | { readonly kind: 'locked' };

// PostgreSQL frees the lock of a killed service within milliseconds; a running service never frees it.
const lockTimeoutMs = 2_000;

/**
 * Locks the cluster for this process with an advisory lock of the session, which PostgreSQL frees when the connection
 * ends, even if the process is killed. Unlike a lock file, it cannot outlive the process.
 * @throws EmbeddedError when a retry is useless, such as for a wrong password.
 */
export async function lockCluster(url: string): Promise<pg.Client | Refusal> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'tidings lock',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // The caller listens to `end`, which follows every error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`set lock_timeout = ${lockTimeoutMs}`);
    await client.query('select pg_advisory_lock($1)', [lockKeys.embeddedCluster]);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (!(error instanceof pg.DatabaseError)) return { kind: 'silent' };
    if (error.code === '55P03') return { kind: 'locked' };
    if (/^(57P|53)/.test(error.code ?? '')) return { kind: 'busy' };
    throw new EmbeddedError(`The PostgreSQL in the data folder rejects the connection: ${error.message}.`, error);
  }
}

/** Resolves when either side has closed the connection. */
export function ended(client: pg.Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('end', resolve);
  });
}
