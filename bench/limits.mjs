import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.mjs';
import { load, middle } from './load.mjs';
import { startRedis } from './redis.mjs';
import { print, table } from './report.mjs';
import { replaced } from './switch-limits.mjs';
import { assertReplaced, compared, compareModes, startSeveral } from './turns.mjs';

const rounds = 10;
/** Numbers of requests in a round, and in the warm-up of each mode, in which V8 compiles the service. */
const amount = 4_000;
const warmUpAmount = 8_000;
const processes = 3;
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

/** The parts that are off, by mode. */
const modes = {
  neither: ['keys', 'overload', 'callers', 'user'],
  idempotency: ['overload', 'callers', 'user'],
  default: ['user'],
  user: [],
};
const modesOfRedis = { neither: modes.neither, user: modes.user };

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
  await assertReplaced('switch-limits.mjs', replaced);
  const withSwitches = ['--import', new URL('switch-limits.mjs', import.meta.url).href];
  const several = (environment) =>
    startSeveral(processes, () => start({ ...compared, ...on, ...environment }, withSwitches));
  const services = { memory: await several({}), redis: redis && (await several({ EVENT_BUS: redis.url })) };
  const chosen = cases.filter(({ name }) => names.includes(name));
  const wanted = chosen.filter(({ name }) => parts.includes(name));
  const rows = [];
  for (const one of wanted.length > 0 ? wanted : chosen) {
    rows.push(await measureCost(one, services));
    process.stderr.write(`${rows.at(-1).join('  ')}\n`);
  }
  print(
    `Idempotency (of requests without a key), and limits with it, switched off and on in turn: medians of ${rounds} rounds of`,
  );
  print(`${amount} requests in each of ${processes} processes.\n`);
  table(['case', 'neither, CPU ms', 'idempotency', 'default', 'with a limit of the user', 'at most', 'in Redis'], rows);
}

async function measureCost(one, services) {
  const how = { rounds, amount, warmUpAmount };
  const { neither, idempotency, default: usual, user } = await compareModes(one, services.memory, modes, how);
  const shared = services.redis && (await compareModes(one, services.redis, modesOfRedis, how));
  const percent = ({ added }) => `${(added * 100).toFixed(1)} %`;
  const isWithin = usual.added <= mostAdded && user.added <= mostAdded;
  return [
    one.name,
    neither.cpuMs.toFixed(4),
    percent(idempotency),
    percent(usual),
    percent(user),
    isWithin ? '5 %' : '**5 %**',
    shared ? percent(shared.user) : '',
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
