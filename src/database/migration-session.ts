import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { lockKeys } from './lock-keys.ts';

/** Milliseconds between attempts to take the lock. */
const pollMs = 100;

/** The one connection on which migrations are applied. */
export interface MigrationSession {
  readonly client: pg.Client;
  /**
   * Resets the settings and the role that a migration has set, so that each migration starts with those of the session.
   */
  resetSettings(): Promise<void>;
  /** Takes the lock for applying migrations. While another session holds it, logs once and waits. */
  lock(log: Pick<Logger, 'info'>): Promise<void>;
  unlock(): Promise<void>;
  end(): Promise<void>;
}

/**
 * Opens the session. Settings of the URL, the role and the database apply, such as `search_path` and `lock_timeout`.
 * Timeouts of statements do not apply, because migrations may take any time.
 */
export async function openMigrationSession(url: string): Promise<MigrationSession> {
  const client = new pg.Client({ connectionString: url, fallback_application_name: 'tidings migrations' });
  client.on('error', () => undefined);
  await client.connect();
  let settings = `set statement_timeout = 0; set idle_in_transaction_session_timeout = 0;`;
  await client.query(settings);
  // Without this setting, the statement of a killed process would continue and keep its locks. Some systems do not
  // support it.
  const connectionCheck = `set client_connection_check_interval = '1s';`;
  await client.query(connectionCheck).then(
    () => {
      settings += connectionCheck;
    },
    () => undefined,
  );

  return {
    client,
    async resetSettings() {
      await client.query(`reset all; reset role; ${settings}`);
    },
    async lock(log) {
      for (let isFirst = true; ; isFirst = false) {
        // Polls, because a `create index concurrently` of the session that holds the lock would wait for a statement
        // that is waiting for the lock.
        const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
          lockKeys.migrations,
        ]);
        if (rows[0]?.got === true) return;
        if (isFirst) log.info('waiting for another session that is migrating the database');
        await delay(pollMs);
      }
    },
    async unlock() {
      await client.query('select pg_advisory_unlock($1)', [lockKeys.migrations]);
    },
    end: () => client.end(),
  };
}
