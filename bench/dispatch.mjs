// `npm run bench dispatch` measures the cost of enqueueing for many people, and the rate and latency of sending, each
// beside its limit in the same run.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { startEmbedded } from '../dist/database/embedded.js';
import { startProcess } from './processes.mjs';
import { adminToken } from './seed.mjs';

const people = 100_000;
const webhooks = 50_000;
const inboxes = 50_000;
const latencies = 200;
const concurrency = 50;
const rounds = 3;
const template = 'f517da0b-cdc9-410f-ab89-a86107c420ed';

const cleanUps = [];

/** Runs all measurements and prints a table. The process fails if a figure misses its target. */
export async function benchDispatch() {
  try {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    // No settings: durable as in production.
    const server = await startEmbedded({ dataDir: folder, log: pino({ level: 'warn' }) });
    cleanUps.push(() => server.stop());
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    cleanUps.push(() => client.end());

    const results = await measure(server.url, client);
    console.log(`\n${availableParallelism()} cores, PostgreSQL and receiver on the same; median of ${rounds} rounds\n`);
    console.table(results);
    if (results.some(({ met }) => !met)) process.exitCode = 1;
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

async function measure(databaseUrl, client) {
  const service = await start('../dist/main.js', {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    ADMIN_TOKEN: adminToken,
    ADMIN_PASSWORD: adminToken,
    MAX_PAYLOAD_SIZE: '32mb',
    LOG_LEVEL: 'warn',
  });
  const ids = await seedPeople(client);
  const results = [await measureEnqueue(service.url, client, ids)];
  await service.stop();
  await emptyQueue(client);

  const receiver = await start('dispatch-receiver.mjs', {});
  const node = await start('dispatch-node.mjs', {
    DATABASE_URL: databaseUrl,
    NOTIFICATIONS_METHOD: 'webhook',
    WEBHOOK_ENDPOINT: `${receiver.url}/hook`,
    DISPATCH_CONCURRENCY: String(concurrency),
    // So long that only `wake` makes the node look for messages.
    FETCH_INTERVAL_MS: '3600000',
  });
  results.push(await measureWebhooks(receiver, node, ids.slice(0, webhooks)));
  await emptyQueue(client);
  results.push(await measureInboxes(node, ids.slice(0, inboxes)));
  results.push(await measureLatency(receiver, node, ids[0]));
  return results;
}

async function start(file, environment) {
  const started = await startProcess(new URL(file, import.meta.url), environment);
  cleanUps.push(() => started.stop());
  return started;
}

async function seedPeople(client) {
  const { rows } = await client.query(
    `insert into users (id, email, first_name, username)
     select gen_random_uuid(), 'person' || n || '@example.com', 'Person ' || n, 'person' || n
     from generate_series(1, $1::int) n returning id`,
    [people],
  );
  await client.query('vacuum (analyze)');
  return rows.map(({ id }) => id);
}

/** One mutation for all users, beside an insert of the same rows from tables that already contain them. */
async function measureEnqueue(url, client, recipients) {
  await client.query(`insert into settings (key, value) values ('notifications', '{"notifier_paused": true}')`);
  const mine = [];
  const bare = [];
  const columns = {
    deliveries: await columnsOf(client, 'deliveries'),
    queue: await columnsOf(client, 'queued_deliveries'),
  };
  const copy = `
    insert into deliveries (${columns.deliveries}) select ${columns.deliveries} from ready_deliveries;
    insert into queued_deliveries (${columns.queue}) select ${columns.queue} from ready_queue`;
  for (let round = 0; round <= rounds; round++) {
    await emptyQueue(client);
    await client.query('checkpoint');
    const ms = await timed(() => sendToAll(url, recipients, round));
    await client.query(`
      drop table if exists ready_deliveries, ready_queue;
      create unlogged table ready_deliveries as select ${columns.deliveries} from deliveries;
      create unlogged table ready_queue as select ${columns.queue} from queued_deliveries`);
    await emptyQueue(client);
    await client.query('checkpoint');
    // Both in one transaction, as they are one statement of the service.
    const bareMs = await timed(() => client.query(copy));
    // The first round warms up.
    if (round === 0) continue;
    mine.push(ms);
    bare.push(bareMs);
  }
  await client.query('delete from settings');
  const ratio = median(mine) / median(bare);
  return row(`enqueue for ${people}`, `${fixed(median(mine))} ms`, `${fixed(median(bare))} ms`, ratio, ratio <= 2);
}

async function columnsOf(client, table) {
  const { rows } = await client.query(
    `select column_name from information_schema.columns where table_schema = current_schema() and table_name = $1`,
    [table],
  );
  return rows.map(({ column_name: name }) => name).join(', ');
}

const emptyQueue = (client) => client.query('truncate deliveries, queued_deliveries, delivery_leases');

async function sendToAll(url, recipients, nonce) {
  const query = 'mutation ($data: send_notification_input!) { send_notification(data: $data) { id } }';
  const labels = { name: 'dev', reason: 'inactive for 30 days', initiator: 'the scheduler', nonce: String(nonce) };
  const answer = await fetch(`${url}/graphql/system`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminToken}` },
    body: JSON.stringify({ query, variables: { data: { template, recipients, labels } } }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors).slice(0, 500));
  if (data.send_notification.length !== recipients.length) throw new Error('some users have no delivery');
}

/** Messages from the database to a receiver, beside a loop that posts a prepared body to the same receiver. */
async function measureWebhooks(receiver, node, recipients) {
  const loop = await start('dispatch-loop.mjs', {});
  const mine = [];
  const bare = [];
  for (let round = 0; round <= rounds; round++) {
    const { body } = await node.ask({ do: 'enqueue', method: 'webhook', recipients, nonce: `w${round}` });
    const done = receiver.ask({ count: recipients.length });
    const ms = await timed(async () => {
      await node.ask({ do: 'wake' });
      await done;
    });
    await node.ask({ do: 'settled' });
    const bareMs = await timed(() =>
      loop.ask({ do: 'post', url: `${receiver.url}/hook`, count: recipients.length, concurrency, body }),
    );
    if (round === 0) continue;
    mine.push((recipients.length / ms) * 1000);
    bare.push((recipients.length / bareMs) * 1000);
  }
  await loop.stop();
  const ratio = median(mine) / median(bare);
  return row(
    `webhooks, ${concurrency} at once`,
    `${fixed(median(mine))}/s`,
    `${fixed(median(bare))}/s`,
    ratio,
    ratio >= 0.5,
  );
}

async function measureInboxes(node, recipients) {
  const mine = [];
  for (let round = 0; round <= rounds; round++) {
    await node.ask({ do: 'enqueue', method: 'inbox', recipients, nonce: `i${round}` });
    const ms = await timed(() => node.ask({ do: 'fill', count: recipients.length }));
    if (round > 0) mine.push((recipients.length / ms) * 1000);
  }
  const rate = median(mine);
  return row(`inboxes, ${recipients.length} of them`, `${fixed(rate)}/s`, '5000/s', rate / 5000, rate >= 5000);
}

/** Measures the time from the end of the enqueueing call to the arrival of the request. */
async function measureLatency(receiver, node, recipient) {
  const times = [];
  for (let index = 0; index < latencies; index++) {
    const arrival = receiver.ask({ count: 1 });
    const { committedAt } = await node.ask({ do: 'enqueueOne', recipients: [recipient], nonce: `l${index}` });
    const { at } = await arrival;
    times.push(Math.max(at - committedAt, 0));
  }
  const ms = median(times);
  return row('first delivery after commit', `${ms.toFixed(1)} ms`, '50 ms', ms / 50, ms <= 50);
}

function row(what, service, limit, ratio, met) {
  process.stderr.write(`${what}: ${service}, limit ${limit}\n`);
  return { what, service, limit, ratio: Number(ratio.toFixed(2)), met };
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const fixed = (value) => value.toFixed(0);
