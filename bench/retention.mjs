import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { openDatabase } from '../dist/database/client.js';
import { purgeNotifications } from '../dist/notifications/purge-notifications.js';
import { servicePrisma } from '../dist/prisma.js';
import { print, table } from './report.mjs';
import { adminToken, recipientId } from './seed.mjs';

/** Maximum wait of a write, in milliseconds. */
const longestWaitMs = 1000;
const pauseMs = 20;
/** How long the writes are measured without a purge, in milliseconds. */
const aloneMs = 10_000;
/** Notifications of the inbox that gets many of the rows to purge. */
const perBigInbox = 100_000;

/**
 * A process of its own purges all notifications of the store, while an admin creates some: in inboxes that the purge
 * locks, one of them with many rows, one write after the other.
 * @param {{ url: string, databaseUrl: string }} service
 * @param {number} rows number of notifications in the store
 */
export async function benchRetention({ url, databaseUrl }, rows) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const db = await openDatabase({ url: databaseUrl, poolSize: 2 });
  try {
    await makeOld(client);
    const alone = await whileWriting(url, () => delay(aloneMs));
    const batches = [];
    // What a batch publishes goes to the bus, which does not wait.
    const bus = { publish: (ranges) => void batches.push(ranges.length) };
    const purge = () =>
      purgeNotifications({ prisma: servicePrisma(db), bus, now: () => new Date() }, { retentionDays: 1 });
    const purging = await whileWriting(url, purge);
    await checkCounts(client);
    report(rows, { alone, purging, batches: batches.length });
  } finally {
    await db.close();
    await client.end();
  }
}

/** All rows are years old; those of one inbox in each thousand are moved to the first one, which gets big. */
async function makeOld(client) {
  process.stderr.write('retention: preparing ');
  await client.query('set session_replication_role = replica');
  await client.query(`update notifications set timestamp = timestamp - interval '10 years'`);
  await client.query('set session_replication_role = origin');
  const { rows } = await client.query(
    `update inboxes set version = version + $2::int, unread = unread + $2::int, total = total + $2::int
     where recipient_id = $1 returning version - $2::int as base`,
    [recipientId(1), perBigInbox],
  );
  await client.query(
    `insert into notifications (uuid, recipient_id, subject, created_version, version, timestamp)
     select gen_random_uuid(), $1, 'Ticket ' || n, $3::bigint + n, $3::bigint + n, now() - interval '5 years'
     from generate_series(1, $2::int) n`,
    [recipientId(1), perBigInbox, rows[0].base],
  );
  while ((await client.query('select from notification_text_queue limit 1')).rows.length > 0) await delay(200);
  await client.query('vacuum (analyze) notifications');
  process.stderr.write('...\n');
}

/** Writes until `work` has ended; returns its result and duration, and the sorted durations of the writes. */
async function whileWriting(url, work) {
  const waits = [];
  let isOver = false;
  const writing = (async () => {
    for (let count = 0; !isOver; count += 1) {
      const begin = performance.now();
      // Every second write goes to the big inbox.
      await create(url, recipientId(count % 2 === 0 ? 1 : 2 + (count % 9000)));
      waits.push(performance.now() - begin);
      await delay(pauseMs);
    }
  })();
  const begin = performance.now();
  const result = await work();
  const tookMs = performance.now() - begin;
  isOver = true;
  await writing;
  return { result, tookMs, waits: waits.sort((a, b) => a - b) };
}

async function create(url, recipient) {
  const answer = await fetch(`${url}/notifications?fields=id`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ recipient, subject: 'Meanwhile' }),
  });
  if (!answer.ok) throw new Error(`a create answers ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** The invariant: the counts of every inbox are those of its rows. */
async function checkCounts(client) {
  const { rows } = await client.query(`
    select recipient_id from inboxes left join (
      select recipient_id, count(*) filter (where status = 'inbox') as total,
             count(*) filter (where status = 'inbox' and read_at is null) as unread
      from notifications group by recipient_id
    ) as counted using (recipient_id)
    where (inboxes.total, inboxes.unread) is distinct from (coalesce(counted.total, 0), coalesce(counted.unread, 0))`);
  if (rows.length > 0) throw new Error(`the counts of ${rows.length} inboxes are wrong`);
}

function report(rows, { alone, purging, batches }) {
  const at = (waits, share) => waits[Math.floor((waits.length - 1) * share)].toFixed(0);
  const longest = purging.waits.at(-1);
  table(
    ['retention', 's', 'rows/s', 'batches', 'other writes', 'p50 ms', 'p99 ms', 'longest ms', 'at most'],
    [
      ['no purge', (alone.tookMs / 1000).toFixed(0), '', '', ...figuresOf(alone.waits), ''],
      [
        `${purging.result} of ${rows + perBigInbox} rows`,
        (purging.tookMs / 1000).toFixed(0),
        ((purging.result / purging.tookMs) * 1000).toFixed(0),
        String(batches),
        ...figuresOf(purging.waits),
        longest <= longestWaitMs ? String(longestWaitMs) : `**${longestWaitMs}**`,
      ],
    ],
  );
  print('');

  function figuresOf(waits) {
    return [String(waits.length), at(waits, 0.5), at(waits, 0.99), at(waits, 1)];
  }
}
