import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { withDatabase } from '../../src/database/address.ts';
import { startEmbedded } from '../../src/database/embedded.ts';
import { migrate } from '../../src/database/migrate.ts';

/** The information with which a worker creates databases; passed in the environment. */
export interface TestServer {
  /** The URL, as superuser, of a database that no test uses. */
  readonly adminUrl: string;
  /** The prefix of the database names of this run; by itself, the name of the migrated template. */
  readonly prefix: string;
}

/** The variable that holds the `TestServer` as JSON. */
export const serverVariable = 'TIDINGS_TEST_SERVER';

const silent = pino({ level: 'silent' });
// Test data need not survive a crash, and durability costs time.
const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

/**
 * Starts one PostgreSQL for the whole run, or uses the server of `TEST_DATABASE_URL`, and creates the template from
 * which every test database is cloned.
 */
export async function startTestServer(): Promise<TestServer & { stop(): Promise<void> }> {
  const prefix = `tidings_test_${randomBytes(4).toString('hex')}`;
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') {
    await createTemplate(given, prefix);
    return { adminUrl: given, prefix, stop: () => dropDatabases(given, prefix) };
  }
  const dataDir = await temporaryFolder();
  const { url, stop } = await startEmbedded({ dataDir: dataDir.path, log: silent, settings: fast });
  await createTemplate(url, prefix);
  return {
    adminUrl: url,
    prefix,
    stop: async () => {
      await stop();
      await dataDir.remove();
    },
  };
}

/**
 * Creates a folder that is deleted when this process ends, however it ends; an embedded PostgreSQL in it is stopped. A
 * separate shell does that: it waits for the end of a pipe that only this process holds open.
 */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tidings-test-'));
  const guard = spawn('sh', ['-c', guardScript, path], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  // A pipe is a socket to Node.
  (guard.stdin as Socket).unref();
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true });
      await endOf(guard);
    },
  };
}

const guardScript = `cat > /dev/null
pid=$(head -n 1 "$0/postgres/data/postmaster.pid" 2> /dev/null)
if [ -n "$pid" ]; then kill -QUIT "$pid"; while kill -0 "$pid" 2> /dev/null; do sleep 0.1; done; fi
rm -rf "$0"`;

async function endOf(child: ChildProcess): Promise<void> {
  child.ref();
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.stdin?.end();
  await ended;
}

async function createTemplate(adminUrl: string, name: string): Promise<void> {
  await asAdmin(adminUrl, async (client) => {
    await client.query(`create database ${name} template template0`);
  });
  await migrate(withDatabase(adminUrl, name), { log: silent });
}

async function dropDatabases(adminUrl: string, prefix: string): Promise<void> {
  await asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    );
    for (const { datname } of rows) await client.query(`drop database ${datname} with (force)`);
  });
}

/** Runs `work` on a separate connection. */
export async function asAdmin<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
