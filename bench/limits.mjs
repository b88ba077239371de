import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.mjs';
import { load } from './load.mjs';
import { startRedis } from './redis.mjs';
import { print, table } from './report.mjs';
import { assertReplaced, compared, medianCpu, runInTurns } from './turns.mjs';
import { replaced } from './without-keys.mjs';

const rounds = 10;
/** Numbers of requests in a round and in the warm-up, in which V8 compiles the service, however busy the machine is. */
const amount = 4_000;
const warmUpAmount = 12_000;
/** V8 compiles the same code differently in each process, so each service has several, one after the other. */
const processes = 5;
/** The most that limits and idempotency may add to a request. */
const mostAdded = 0.05;
const names = ['graphql-list-member', 'rest-list-member', 'graphql-create-one', 'rest-create-one'];
/** How many times as long another caller may wait beside a runaway client. */
const mostSlower = 1.5;
const seconds = 5;
/** Requests per second of the other caller, and points per minute of each user: twice as many. */
const pace = 50;
const perMinute = 2 * 60 * pace;
const runawayConnections = 8;
/** How long the runaway client takes to use up the points that it saved while it was off, before others are measured. */
const saveSeconds = 3;

const off = {
  USER_RATE_LIMIT: '0',
  ANONYMOUS_RATE_LIMIT: '0',
  MAX_WAITING_REQUESTS: '0',
  MAX_EVENT_LOOP_DELAY_MS: '0',
};
/** So many that no request is refused. */
const on = { USER_RATE_LIMIT: '1000000000' };

/**
 * What limits and idempotency cost a request without a key, and what a runaway client costs others.
 * @param {(environment: Record<string, string>, nodeOptions?: readonly string[]) => Promise<import('./processes.mjs').Measured>} start
 *   starts a service on the same store
 * @param {readonly string[]} parts `cost` and `share`; default: both. After `cost`, the names of cases; default: all
 */
export async function benchLimits(start, parts) {
  const redis = await startRedis();
  if (redis === undefined) process.stderr.write('There is no Redis: limits in Redis are not measured.\n');
  try {
    if (parts.length === 0 || parts.includes('cost')) await benchCost(start, redis, parts);
    if (parts.length === 0 || parts.includes('share')) await benchShare(start, redis);
  } finally {
    await redis?.stop();
  }
}

async function benchCost(start, redis, parts) {
  await assertReplaced('without-keys.mjs', replaced);
  const kinds = {
    neither: [off, ['--import', new URL('without-keys.mjs', import.meta.url).href]],
    idempotency: [off],
    default: [{}],
    user: [on],
    ...(redis && { redis: [{ ...on, EVENT_BUS: redis.url }] }),
  };
  const chosen = cases.filter(({ name }) => names.includes(name));
  const wanted = chosen.filter(({ name }) => parts.includes(name));
  const runs = await runProcesses(start, kinds, wanted.length > 0 ? wanted : chosen);
  print(
    `Idempotency (of requests without a key), and limits with it: medians of ${rounds} rounds of ${amount} requests, in`,
  );
  print(`turn, of ${processes} processes each.\n`);
  const rows = [...runs].map(([name, ofCase]) => costRow(name, medianCpu(ofCase)));
  table(['case', 'neither, CPU ms', 'idempotency', 'default', 'with a limit of the user', 'at most', 'in Redis'], rows);
}

/** The rounds by case, then by service: each process of a service runs its share of those of every case. */
async function runProcesses(start, kinds, measured) {
  const runs = new Map();
  for (let index = 0; index < processes; index++) {
    const services = {};
    for (const [name, [environment, nodeOptions]] of Object.entries(kinds))
      services[name] = [await start({ ...compared, ...environment }, nodeOptions)];
    for (const one of measured) {
      const added = await runInTurns(one, services, { rounds: rounds / processes, amount, warmUpAmount });
      const before = runs.get(one.name) ?? {};
      const all = Object.entries(added).map(([name, figures]) => [name, [...(before[name] ?? []), ...figures]]);
      runs.set(one.name, Object.fromEntries(all));
      process.stderr.write(`${costRow(one.name, medianCpu(added)).join('  ')}\n`);
    }
    for (const [service] of Object.values(services)) await service.stop();
  }
  return runs;
}

function costRow(name, cpuMs) {
  const added = (service) => (cpuMs[service] ?? Number.NaN) / cpuMs.neither - 1;
  const percent = (service) => `${(added(service) * 100).toFixed(1)} %`;
  const isWithin = added('default') <= mostAdded && added('user') <= mostAdded;
  return [
    name,
    cpuMs.neither.toFixed(4),
    percent('idempotency'),
    percent('default'),
    percent('user'),
    isWithin ? '5 %' : '**5 %**',
    percent('redis'),
  ];
}

async function benchShare(start, redis) {
  const limited = { USER_RATE_LIMIT: String(perMinute) };
  const shared = redis && { ...limited, EVENT_BUS: redis.url };
  const stages = {
    'one node': [await start(limited)],
    ...(shared && { 'two nodes with Redis': [await start(shared), await start(shared)] }),
  };
  const rows = [];
  for (const [name, nodes] of Object.entries(stages)) rows.push(await measureShare(name, nodes));
  print(
    `\nA runaway client of ${runawayConnections} connections beside one that sends ${pace} requests per second: medians of ${rounds}`,
  );
  print(`rounds of ${seconds} s. Each user has ${perMinute} points a minute.\n`);
  table(['stage', 'alone, p99 ms', 'beside it, p99 ms', 'times', 'at most', 'answered/min', 'share'], rows);
}

async function measureShare(name, nodes) {
  process.stderr.write(`${name} `);
  const urls = nodes.map(({ url }) => url);
  const { service } = cases.find((one) => one.name === 'rest-list-member');
  const [other, ...rest] = service;
  const { path, headers } = rest.find((one) => one.headers.authorization !== other.headers.authorization);
  const runaway = fork(fileURLToPath(new URL('runaway.mjs', import.meta.url)));
  for (const node of nodes)
    await load(
      node,
      service.filter((one) => one.headers.authorization !== headers.authorization),
      undefined,
      warmUpAmount,
    );
  const alone = [];
  const beside = [];
  const answered = [];
  async function runAway(work) {
    runaway.send({ begin: { urls, connections: runawayConnections, path, headers } });
    // It begins with the points that it has saved.
    await delay(saveSeconds * 1000);
    const result = await work();
    runaway.send({ end: true });
    const [{ counts }] = await once(runaway, 'message');
    return { result, counts };
  }
  await runAway(() => delay(20_000));
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    alone.push(await p99(urls, other));
    const { result, counts } = await runAway(() => p99(urls, other));
    beside.push(result);
    answered.push((60_000 * (counts[200] ?? 0)) / (performance.now() - startedAt));
    process.stderr.write(`${alone.at(-1).toFixed(1)}/${result.toFixed(1)} ${JSON.stringify(counts)} `);
  }
  runaway.disconnect();
  process.stderr.write('\n');
  const times = middle(beside) / middle(alone);
  return [
    name,
    middle(alone).toFixed(2),
    middle(beside).toFixed(2),
    times.toFixed(2),
    times <= mostSlower ? `${mostSlower}` : `**${mostSlower}**`,
    middle(answered).toFixed(0),
    `${perMinute}`,
  ];
}

/** The 99th percentile of a caller's response times, in milliseconds. It sends at its pace, whatever the answers are. */
async function p99(urls, { path, headers }) {
  const agent = new Agent({ keepAlive: true });
  const total = pace * seconds;
  const times = [];
  const startedAt = performance.now();
  const pending = [];
  for (let index = 0; index < total; index++) {
    await delay(Math.max(startedAt + (1000 * index) / pace - performance.now(), 0));
    pending.push(ask(new URL(path, urls[index % urls.length]), { headers, agent }).then((ms) => times.push(ms)));
  }
  await Promise.all(pending);
  agent.destroy();
  return times.sort((a, b) => a - b)[Math.floor(0.99 * times.length)];
}

function ask(url, options) {
  const sentAt = performance.now();
  return new Promise((resolve, reject) => {
    request(url, options, (answer) => {
      answer.resume();
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - sentAt);
        else reject(new Error(`the other caller got ${answer.statusCode}`));
      });
    })
      .once('error', reject)
      .end();
  });
}

function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
