import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { startEmbedded } from '../dist/database/embedded.js';
import { encodeCursor } from '../dist/live/feed/cursor.js';
import { startProcess } from './processes.mjs';
import { adminToken, memberToken, recipientId } from './seed.mjs';

/** Number of notifications in each inbox at the start, all unread. */
const perInbox = 5;

/**
 * Creates a database with people who have inboxes, and functions that run services on it.
 * @param {{ people: number, profile?: string }} options
 */
export async function openStage({ people, profile, nodeOptions = [] }) {
  const cleanUps = [];
  const close = async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    // Durable as in production; PostgreSQL also records the commit time of each row.
    const settings = { track_commit_timestamp: 'on' };
    const server = await startEmbedded({ dataDir: folder, log: pino({ level: 'warn' }), settings });
    cleanUps.push(() => server.stop());
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    cleanUps.push(() => client.end());

    /** Starts a process, which is stopped at the end unless it was stopped before. */
    const start = async (file, environment = {}, nodeOptions = []) => {
      const started = await startProcess(new URL(file, import.meta.url), environment, nodeOptions);
      cleanUps.push(() => started.stop());
      return started;
    };
    const startService = (bus) =>
      start(
        '../dist/main.js',
        {
          HOST: '127.0.0.1',
          PORT: '0',
          DATABASE_URL: server.url,
          EVENT_BUS: bus,
          ADMIN_TOKEN: adminToken,
          ADMIN_PASSWORD: adminToken,
          LOG_LEVEL: 'warn',
          MAX_CONNECTIONS_PER_USER: '100000',
          // PostgreSQL runs on the same cores, so more concurrent connections would only compete with each other.
          DATABASE_POOL_SIZE: '4',
        },
        ['--expose-gc', ...nodeOptions, ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])],
      );

    const first = await startService('memory');
    await first.stop();
    await seed(client, people);
    const { rows } = await client.query(`select value #>> '{}' as id from settings where key = 'database_id'`);
    return { client, start, startService, database: rows[0].id, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Maximum number of open files of one process; it must be slightly more than the number of sockets. */
export function openFilesLimit() {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}

/** `each` subscriptions of the first `people`, at the nodes in turn, from the current cursor of each inbox. */
export async function subscriptions({ client, database }, { people, each, urls }) {
  const { rows } = await client.query('select recipient_id, version::int from inboxes order by 1 limit $1', [people]);
  return Array.from({ length: people * each }, (_, number) => {
    const { recipient_id: recipient, version } = rows[number % people];
    return {
      url: urls[Math.floor(number / people) % urls.length],
      token: memberToken((number % people) + 1),
      after: encodeCursor({ database, recipient, version }),
    };
  });
}

async function seed(client, people) {
  const numbers = Array.from({ length: people }, (_, index) => index + 1);
  const ids = numbers.map(recipientId);
  await client.query(
    `insert into users (id, email, first_name, last_name)
     select id, 'person' || n || '@example.com', 'Person', 'No. ' || n
     from unnest($1::uuid[]) with ordinality as person (id, n)`,
    [ids],
  );
  await client.query(
    `insert into access_tokens (id, user_id, sha256, name)
     select gen_random_uuid(), user_id, sha256(convert_to(token, 'UTF8')), 'static'
     from unnest($1::uuid[], $2::text[]) as token (user_id, token)`,
    [ids, numbers.map(memberToken)],
  );
  await client.query(
    `insert into inboxes (recipient_id, version, unread, total) select id, $2::int, $2::int, $2::int from unnest($1::uuid[]) as id`,
    [ids, perInbox],
  );
  await client.query(
    `insert into notifications (uuid, recipient_id, status, timestamp, subject, message, created_version, version)
     select gen_random_uuid(), id, 'inbox', date_trunc('second', now()), 'Your build failed', 'See the log.', n, n
     from unnest($1::uuid[]) as id, generate_series(1, $2::int) n`,
    [ids, perInbox],
  );
  await client.query('vacuum (analyze)');
  await client.query('checkpoint');
}
