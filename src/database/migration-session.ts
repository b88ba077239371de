import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { migrationLockKey } from './compatibility.ts';

/** Between two tries to get the lock. */
const lookMs = 100;

/** The one connection on which migrations are applied. */
export interface MigrationSession {
  readonly client: pg.Client;
  /** Undoes what a file has set, as `set search_path` and `set role`: every file begins with the session's own settings. */
  settle(): Promise<void>;
  /** Takes the lock of those who apply migrations. Tells once when somebody else has it. */
  lock(log: Pick<Logger, 'info'>): Promise<void>;
  unlock(): Promise<void>;
  end(): Promise<void>;
}

/**
 * Opens it. Its settings are those of the address, the role and the database, `search_path` and `lock_timeout` among
 * them, but a statement takes as long as it takes.
 */
export async function openMigrationSession(url: string): Promise<MigrationSession> {
  const client = new pg.Client({ connectionString: url, fallback_application_name: 'tidings migrations' });
  client.on('error', () => undefined);
  await client.connect();
  let settings = `set statement_timeout = 0; set idle_in_transaction_session_timeout = 0;`;
  await client.query(settings);
  // What a killed process has begun goes on and keeps its locks until the server notices. Not every system can look.
  const looks = `set client_connection_check_interval = '1s';`;
  await client.query(looks).then(
    () => {
      settings += looks;
    },
    () => undefined,
  );

  return {
    client,
    async settle() {
      await client.query(`reset all; reset role; ${settings}`);
    },
    async lock(log) {
      for (let isFirst = true; ; isFirst = false) {
        // A statement that waits for the lock would be one that the holder's `create index concurrently` waits for.
        const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
          migrationLockKey,
        ]);
        if (rows[0]?.got === true) return;
        if (isFirst) log.info('waiting for somebody else who migrates the database');
        await delay(lookMs);
      }
    },
    async unlock() {
      await client.query('select pg_advisory_unlock($1)', [migrationLockKey]);
    },
    end: () => client.end(),
  };
}
