// `npm run bench -- live` measures the cost of open subscriptions, the latency of changes, the rate at which one change
// reaches many clients, and how fast many clients resume; on one node and on two, beside a bare `ws` server.
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { openFilesLimit, openStage, subscriptions } from './live-stage.mjs';
import { startRedis } from './redis.mjs';
import { recipientId } from './seed.mjs';

const sockets = 10_000;
const people = 1_000;
/** Followers of one inbox, maximum concurrent changes, and rounds, which alternate with rounds of the bare server. */
const broadcastLoad = { sockets: 1_000, window: 8, seconds: 2, rounds: 3 };
const latencyLoad = { rate: 500, seconds: 10, warmUpSeconds: 10 };
const resumeLoad = { clients: 1_000, missed: 5 };
const settleMs = 1_000;
const idleMs = 5_000;

const rows = [];

/** @param {{ parts?: readonly string[], profile?: string }} options which parts to measure, all when none is named */
export async function benchLive({ parts = [], profile } = {}) {
  const isWanted = (part) => parts.length === 0 || parts.includes(part);
  if (openFilesLimit() < sockets + 500)
    throw new Error(`${sockets} sockets need a higher limit: ulimit -n ${2 * sockets}`);
  const stage = await openStage({ people: sockets, profile });
  let redis;
  const interrupted = new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error('interrupted')));
  });
  try {
    await Promise.race([measure(), interrupted]);
  } finally {
    await stage.close();
    await redis?.stop();
  }

  async function measure() {
    const bare = await stage.start('live-bare.mjs', {}, ['--expose-gc']);
    const clients = await stage.start('live-clients.mjs');
    const writer = await stage.start('live-writer.mjs');
    const helpers = { stage, bare, clients, writer };

    const perBareSocket = isWanted('memory') ? await measureMemory(helpers, [bare], people) : undefined;
    if (perBareSocket) await measureSpread(helpers, perBareSocket);
    const alone = await measureNodes(helpers, { count: 1, bus: 'memory', perBareSocket, isWanted });
    if (isWanted('nodes')) {
      redis = await startRedis();
      if (!redis)
        console.log('No Redis: set REDIS_URL or install redis-server. The measurements with Redis are skipped.');
      for (const bus of ['postgres', ...(redis ? [redis.url] : [])]) {
        await measureNodes(helpers, { count: 2, bus, perBareSocket, isWanted, alone });
      }
    }
    console.log(`\n${availableParallelism()} cores, PostgreSQL, clients and writer on the same\n`);
    console.table(rows);
    if (rows.some(({ met }) => met === false)) process.exitCode = 1;
  }
}

/** Each subscription belongs to another person: the most expensive case for a node. */
async function measureSpread(helpers, perBareSocket) {
  const service = await helpers.stage.startService('memory');
  const bytes = await measureMemory(helpers, [service], sockets);
  memoryRow(`memory of ${sockets} inboxes followed once`, bytes, perBareSocket);
  await service.stop();
}

/** Measures one or more nodes on one bus: memory, latency, broadcast and resuming. */
async function measureNodes(helpers, { count, bus, perBareSocket, isWanted, alone }) {
  const { stage, clients } = helpers;
  const name = count === 1 ? 'one node' : `${count} nodes, ${bus.replace(/:.*/, '')}`;
  const nodes = [];
  for (let node = 0; node < count; node++) nodes.push(await stage.startService(bus));
  let cost;
  if (isWanted('memory')) {
    const bytes = await measureMemory(helpers, nodes, people, false);
    if (perBareSocket)
      memoryRow(`${name}: memory of ${people} inboxes followed ${sockets / people} times`, bytes, perBareSocket);
    await measureIdle(name, nodes);
    await clients.ask({ do: 'close' });
    await delay(settleMs);
  }
  if (isWanted('latency')) {
    const some = await subscriptions(stage, { people: sockets, each: 1, urls: nodes.map(({ url }) => url) });
    some.forEach((one, index) => {
      one.url = nodes[index % count].url;
    });
    await clients.ask({ do: 'open', subscriptions: some });
    await delay(settleMs);
    cost = await measureLatency(helpers, name, nodes, alone);
    await clients.ask({ do: 'close' });
    await delay(settleMs);
  }
  if (isWanted('broadcast')) await measureBroadcast(helpers, name, nodes);
  if (isWanted('resume')) await measureResume(helpers, name, nodes);
  for (const node of nodes) await node.stop();
  return cost;
}

/** Bytes of resident memory per socket after a garbage collection, all nodes together. */
async function measureMemory({ stage, clients }, nodes, inboxes, isClosed = true) {
  const urls = nodes.map(({ url }) => url);
  const some = await subscriptions(stage, { people: inboxes, each: sockets / inboxes, urls });
  // The first sockets make the process compile and load code, which must not be counted.
  await clients.ask({ do: 'open', subscriptions: some.slice(0, 200) });
  await clients.ask({ do: 'close' });
  await delay(settleMs);
  const before = await total(nodes);
  const start = performance.now();
  await clients.ask({ do: 'open', subscriptions: some });
  note(`${sockets} sockets opened in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  await delay(settleMs);
  const after = await total(nodes);
  if (isClosed) await clients.ask({ do: 'close' });
  note(`heap per socket ${kb((after.heap - before.heap) / sockets)}`);
  return (after.rss - before.rss) / sockets;
}

async function total(nodes) {
  const all = [];
  for (const node of nodes) all.push(await node.collected());
  return { rss: sum(all.map(({ rss }) => rss)), heap: sum(all.map(({ heap }) => heap)) };
}

async function measureIdle(name, nodes) {
  const { cpuMs, seconds } = await spent(nodes, () => delay(idleMs));
  row(`${name}: CPU of ${sockets} idle subscriptions`, `${(cpuMs / seconds).toFixed(1)} ms/s`);
}

/** Measures changes that are spread over all inboxes, each of which has one follower. */
async function measureLatency({ stage, clients, writer }, name, nodes, alone) {
  const urls = nodes.map(({ url }) => url);
  const recipients = Array.from({ length: sockets }, (_, index) => recipientId(index + 1));
  await writer.ask({ do: 'write', urls, recipients, rate: latencyLoad.rate, seconds: latencyLoad.warmUpSeconds });
  await delay(settleMs);
  const { rows: unread } = await stage.client.query(
    `select id from notifications where recipient_id = any ($1::uuid[]) and read_at is null order by uuid limit $2`,
    [recipients, (latencyLoad.rate * latencyLoad.seconds) / 2],
  );
  await clients.ask({ do: 'record' });
  const { answer, cpuMs } = await spent(nodes, () =>
    writer.ask({ do: 'write', urls, recipients, unread: unread.map(({ id }) => id), ...latencyLoad }),
  );
  const { written, seconds } = answer;
  const { arrivals } = await clients.ask({ do: 'recorded', count: written.length });
  const { rows: commits } = await stage.client.query(
    `select id, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 * 1000 as at
     from notifications where id = any ($1::bigint[])`,
    [written.map(([key]) => key)],
  );
  const committed = new Map(commits.map(({ id, at }) => [String(id), at]));
  const requests = new Map(written.map(([key, sent, answered]) => [String(key), { sent, answered }]));
  const since = (from) => percentiles(arrivals.map(([key, at]) => at - from(key)));
  const commit = since((key) => committed.get(key));
  row(
    `${name}: commit to client p50 at ${(written.length / seconds).toFixed(0)} changes/s`,
    ms(commit.p50),
    '10 ms',
    commit.p50 <= 10,
  );
  row(`${name}: commit to client p99`, ms(commit.p99), '50 ms', commit.p99 <= 50);
  const sent = since((key) => requests.get(key).sent);
  row(`${name}: request sent to client p50, p99`, `${ms(sent.p50)}, ${ms(sent.p99)}`);
  const answered = since((key) => requests.get(key).answered);
  row(`${name}: answer received to client p50, p99`, `${ms(answered.p50)}, ${ms(answered.p99)}`);
  const cost = cpuMs / written.length;
  row(`${name}: CPU per change`, `${cost.toFixed(2)} ms`, alone ? `${alone.toFixed(2)} ms on one node` : '');
  return cost;
}

/** One inbox with many followers, alternating with the bare server, which sends a message of that size to as many. */
async function measureBroadcast({ stage, bare, clients }, name, nodes) {
  const urls = nodes.map(({ url }) => url);
  const recipient = recipientId(1);
  const bareClients = await stage.start('live-clients.mjs');
  const runs = { mine: [], bare: [] };
  await clients.ask({
    do: 'open',
    subscriptions: await subscriptions(stage, { people: 1, each: broadcastLoad.sockets, urls }),
  });
  const bareUrls = [bare.url];
  await bareClients.ask({
    do: 'open',
    subscriptions: await subscriptions(stage, { people: 1, each: broadcastLoad.sockets, urls: bareUrls }),
  });
  await delay(settleMs);
  const { window } = broadcastLoad;
  let message;
  for (let round = 0; round <= broadcastLoad.rounds; round++) {
    const seconds = round === 0 ? 1 : broadcastLoad.seconds;
    const mine = await spent(nodes, () => clients.ask({ do: 'broadcast', urls, recipient, seconds, window }));
    message = mine.answer.message;
    const theirs = await spent([bare], () =>
      bareClients.ask({ do: 'broadcast', bare: bare.url, message, seconds, window }),
    );
    // The first round warms up.
    if (round === 0) continue;
    runs.mine.push(figuresOf(mine));
    runs.bare.push(figuresOf(theirs));
  }
  await clients.ask({ do: 'close' });
  await bareClients.ask({ do: 'close' });
  await bareClients.stop();
  const rate = (side) => median(runs[side].map(({ rate }) => rate));
  const cpu = (side) => median(runs[side].map(({ us }) => us));
  const ratio = rate('mine') / rate('bare');
  row(
    `${name}: one inbox to ${broadcastLoad.sockets} sockets`,
    `${rate('mine').toFixed(0)}/s`,
    `${rate('bare').toFixed(0)}/s`,
    ratio >= 0.5,
    ratio,
  );
  row(
    `${name}: CPU per message of ${message.length} characters`,
    `${cpu('mine').toFixed(1)} µs`,
    `${cpu('bare').toFixed(1)} µs`,
    undefined,
    cpu('bare') / cpu('mine'),
  );
}

const figuresOf = ({ answer: { deliveries, elapsed }, cpuMs }) => ({
  rate: deliveries / elapsed,
  us: (cpuMs * 1000) / deliveries,
});

/** Many clients whose connections were lost resume at the same time, each having missed changes. */
async function measureResume({ stage, clients }, name, nodes) {
  const urls = nodes.map(({ url }) => url);
  const { clients: count, missed } = resumeLoad;
  // Each client uses the next node in turn.
  const some = await subscriptions(stage, { people: count, each: 1, urls });
  some.forEach((one, index) => {
    one.url = urls[index % urls.length];
  });
  await stage.client.query(
    `with inbox as (
       update inboxes set version = version + $2::int, unread = unread + $2::int, total = total + $2::int
       where recipient_id = any ($1::uuid[]) returning recipient_id, version - $2::int as before
     )
     insert into notifications (uuid, recipient_id, status, timestamp, subject, message, created_version, version)
     select gen_random_uuid(), recipient_id, 'inbox', date_trunc('second', now()), 'Your build failed', 'See the log.',
            before + n, before + n
     from inbox, generate_series(1, $2::int) n`,
    [Array.from({ length: count }, (_, index) => recipientId(index + 1)), missed],
  );
  const { answer, cpuMs } = await spent(nodes, () => clients.ask({ do: 'resume', subscriptions: some, missed }));
  await clients.ask({ do: 'close' });
  note(`opened after ${answer.openedMs.toFixed(0)} ms, ${(cpuMs / count).toFixed(2)} ms CPU each`);
  row(
    `${name}: ${count} clients resume, ${missed} changes each`,
    `${answer.ms.toFixed(0)} ms`,
    '2000 ms',
    answer.ms <= 2000,
  );
}

/** Returns the CPU time that the processes used while `work` ran, and its answer. */
async function spent(processes, work) {
  const cpu = async () => sum((await Promise.all(processes.map((one) => one.usage()))).map(({ cpuMs }) => cpuMs));
  const before = await cpu();
  const start = performance.now();
  const answer = await work();
  const seconds = (performance.now() - start) / 1000;
  return { answer, seconds, cpuMs: (await cpu()) - before };
}

function memoryRow(what, bytes, perBareSocket) {
  const ratio = bytes / perBareSocket;
  row(what, `${kb(bytes)} each`, `${kb(perBareSocket)} each`, ratio <= 2, ratio);
}

function row(what, service, limit = '', met = undefined, ratio = undefined) {
  note(`${what}: ${service}${limit && `, limit ${limit}`}`);
  rows.push({ what, service, limit, ratio: ratio === undefined ? '' : Number(ratio.toFixed(2)), met: met ?? '' });
}

function note(text) {
  process.stderr.write(`${text}\n`);
}

function percentiles(values) {
  const sorted = Float64Array.from(values).sort();
  return { p50: sorted[Math.floor(sorted.length * 0.5)], p99: sorted[Math.floor(sorted.length * 0.99)] };
}

const sum = (values) => values.reduce((all, value) => all + value, 0);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const ms = (value) => `${value.toFixed(1)} ms`;
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
