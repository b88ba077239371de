// `npm run bench` measures all cases and `mark-all`; `npm run bench -- list rest-create` only the cases whose names
// contain one of these; `npm run bench -- dispatch` the sending of messages; `npm run bench -- live` live changes.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { pino } from 'pino';
import { startEmbedded } from '../dist/database/embedded.js';
import { benchBounds } from './bounds.mjs';
import { cases } from './cases.mjs';
import { benchChangeInbox } from './change-inbox.mjs';
import { benchDispatch } from './dispatch.mjs';
import { benchElements } from './elements.mjs';
import { benchLimits } from './limits.mjs';
import { benchLive } from './live.mjs';
import { connections, figures, load, median } from './load.mjs';
import { benchMarkAll } from './mark-all.mjs';
import { startProcess } from './processes.mjs';
import { printReport } from './report.mjs';
import { benchRetention } from './retention.mjs';
import { adminToken, seed } from './seed.mjs';
import { benchTelemetry } from './telemetry.mjs';
import { setTexts } from './texts.mjs';
import { benchUpsertUsers } from './upsert-users.mjs';

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2.5' },
    rows: { type: 'string', default: '1000000' },
    /** A folder for a CPU profile of the service, written when it ends. */
    profile: { type: 'string' },
  },
});
// Dispatch is measured by a program of its own.
if (wanted.length === 1 && wanted[0] === 'dispatch') {
  await benchDispatch();
  process.exit();
}
// `npm run bench -- live memory latency` measures only these.
if (wanted[0] === 'live') {
  await benchLive({ parts: wanted.slice(1), profile: options.profile });
  process.exit();
}
if (wanted.length === 1 && wanted[0] === 'elements') {
  await benchElements();
  process.exit();
}

const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const rows = Number(options.rows);
const smallRows = 10_000;
/** V8 compiles the code during the warm-up; the limit has far less code than the service. */
const warmUpSeconds = { service: 2.5, limit: 1, small: 1, other: 2.5, unindexed: 1, plain: 0.5 };
const poolSize = '10';
const serviceProgram = new URL('../dist/main.js', import.meta.url);

/** `npm run bench -- bounds` measures only the cost of prices and bounds for a plain request. */
const isBounds = wanted.length === 1 && wanted[0] === 'bounds';
/** `npm run bench -- telemetry` measures only the cost of metrics and spans; `telemetry rest-list-member` in one case. */
const isTelemetry = wanted[0] === 'telemetry';
/** `npm run bench -- limits` measures only the cost of limits, and a runaway client; `limits share` only the latter. */
const isLimits = wanted[0] === 'limits';
/** `npm run bench -- mark-all` measures only how long it takes to mark a large inbox as read. */
const isMarkAll = wanted.length === 1 && wanted[0] === 'mark-all';
/** `npm run bench -- change-inbox` measures only a bulk action on 10,000 notifications. */
const isChangeInbox = wanted.length === 1 && wanted[0] === 'change-inbox';
/** `npm run bench -- upsert-users` measures only how long it takes to create and update 10,000 users. */
const isUpsert = wanted.length === 1 && wanted[0] === 'upsert-users';
/** `npm run bench -- retention` measures only how long other writes wait while old notifications are purged. */
const isRetention = wanted.length === 1 && wanted[0] === 'retention';
const chosen = cases.filter(
  ({ name }) =>
    wanted.length === 0 ||
    isBounds ||
    isTelemetry ||
    isLimits ||
    isMarkAll ||
    isChangeInbox ||
    isUpsert ||
    isRetention ||
    wanted.some((part) => name.includes(part)),
);
if (chosen.length === 0)
  throw new Error(`there is no such case; there are ${cases.map(({ name }) => name).join(', ')}`);

const cleanUps = [];
const interrupted = new Promise((_resolve, reject) => {
  process.once('SIGINT', () => reject(new Error('interrupted')));
});

try {
  await Promise.race([main(), interrupted]);
} finally {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
}

async function main() {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  // No settings: durable as in production.
  const server = await startEmbedded({ dataDir: folder, log: pino({ level: 'warn' }) });
  cleanUps.push(() => server.stop());

  if (isChangeInbox) return benchChangeInbox(await startService(await createDatabase(server.url, 'bench'), smallRows));
  if (isUpsert) return benchUpsertUsers(await startService(await createDatabase(server.url, 'bench'), smallRows));
  if (isLimits) {
    const { databaseUrl } = await startService(await createDatabase(server.url, 'bench'), smallRows);
    return benchLimits(startOn(databaseUrl), wanted.slice(1));
  }
  const large = await startService(await createDatabase(server.url, 'bench'), rows);
  if (isBounds) return measureBounds(large);
  if (isTelemetry) return benchTelemetry(startOn(large.databaseUrl), wanted.slice(1));
  if (isMarkAll) return benchMarkAll(large, rows);
  if (isRetention) return benchRetention(large, rows);
  const isSmallNeeded = chosen.some(({ isSizeCompared }) => isSizeCompared);
  const small = isSmallNeeded
    ? await startService(await createDatabase(server.url, 'bench_small'), smallRows)
    : undefined;
  const limit = await startProcess(new URL('limit-server.mjs', import.meta.url), {
    DATABASE_URL: large.databaseUrl,
    DATABASE_POOL_SIZE: poolSize,
  });
  cleanUps.push(() => limit.stop());

  const results = [];
  for (const one of chosen) {
    process.stderr.write(`${one.name} `);
    results.push({ case: one, ...(await measure(one, { large, small, limit })) });
    process.stderr.write('\n');
  }
  printReport(results, { rows, smallRows, rounds, seconds, connections, poolSize, cores: availableParallelism() });
  if (wanted.length === 0) await benchMarkAll(large, rows / 10);
}

/** Starts a second service on the same store, without prices and bounds, which alternates with the first. */
async function measureBounds(bounded) {
  const withoutBounds = ['--import', new URL('without-bounds.mjs', import.meta.url).href];
  const unbounded = await startProcess(serviceProgram, environmentFor(bounded.databaseUrl), withoutBounds);
  cleanUps.push(() => unbounded.stop());
  await benchBounds({ bounded, unbounded });
}

/** Starts further services on the store. */
function startOn(databaseUrl) {
  return async (environment, nodeOptions) => {
    const started = await startProcess(serviceProgram, { ...environmentFor(databaseUrl), ...environment }, nodeOptions);
    cleanUps.push(() => started.stop());
    return started;
  };
}

async function createDatabase(url, name) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const address = new URL(url);
  address.pathname = name;
  return address.href;
}

function environmentFor(databaseUrl) {
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: poolSize,
    ADMIN_TOKEN: adminToken,
    ADMIN_PASSWORD: adminToken,
    LOG_LEVEL: 'warn',
    // For a list of 10,000 users.
    MAX_PAYLOAD_SIZE: '8mb',
  };
}

/** Starts a service, which migrates the database, and fills its store. */
async function startService(databaseUrl, count) {
  const profile = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const started = await startProcess(serviceProgram, environmentFor(databaseUrl), profile);
  cleanUps.push(() => started.stop());
  const start = performance.now();
  await seed(databaseUrl, count);
  process.stderr.write(`${count} rows in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  return { ...started, databaseUrl };
}

/** Loads the service, the limit and the others in turn, so that a slow moment of the machine affects all of them. */
async function measure(one, { large, small, limit }) {
  await check(one, large, limit);
  const prepared = await one.prepare?.(large.url);
  const runs = { service: [], limit: [], small: [], other: [], unindexed: [], plain: [] };
  const turns = [
    ['service', (length) => loadAndCount(one, large, prepared ?? requestsOf(one), length)],
    ...(one.limit
      ? [['limit', (length) => loadAndCount(one, { ...limit, databaseUrl: large.databaseUrl }, one.limit, length)]]
      : []),
    ...(one.isSizeCompared && small ? [['small', (length) => load(small, one.service, length)]] : []),
    ...(one.against ? [['other', (length) => load(large, caseNamed(one.against.name).service, length)]] : []),
    ...(one.isIndexCompared ? [['unindexed', (length) => loadUnindexed(one, large, length)]] : []),
    ...(one.bodies ? [['plain', (length) => insertPlainly(one, limit, length)]] : []),
  ];
  for (const [name, run] of turns) await run(warmUpSeconds[name]);
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of turns) {
      runs[name].push(await run(seconds));
      process.stderr.write('.');
    }
  }
  return Object.fromEntries(
    Object.entries(runs).flatMap(([name, figures]) => (figures.length === 0 ? [] : [[name, median(figures)]])),
  );
}

function caseNamed(wantedName) {
  return cases.find(({ name }) => name === wantedName);
}

function requestsOf({ service }) {
  return typeof service === 'function' ? service() : service;
}

/** The limit of a read must do the same work, so it must answer the same bytes. */
async function check({ name, service, limit, isSame }, large, limitServer) {
  if (!isSame) return;
  const [mine, theirs] = await Promise.all([ask(large.url, service[0]), ask(limitServer.url, limit[0])]);
  if (mine !== theirs) throw new Error(`${name}: service and limit differ:\n${mine}\n${theirs}`);
}

async function ask(url, { path, ...init }) {
  const answer = await fetch(url + path, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${text}`);
  return text;
}

/** Runs a load, and checks that every answered create is in the table. */
async function loadAndCount(one, measured, requests, length) {
  if (one.rows === undefined) return load(measured, requests, length);
  const before = await countRows(measured.databaseUrl);
  const run = await load(measured, requests, length);
  const made = (await countRows(measured.databaseUrl)) - before;
  if (made < run.requests * one.rows) throw new Error(`${one.name}: ${run.requests} requests made ${made} rows`);
  return run;
}

async function loadUnindexed(one, service, length) {
  await setTexts(service.databaseUrl, false);
  const run = await loadAndCount(one, service, requestsOf(one), length);
  await setTexts(service.databaseUrl, true);
  return run;
}

async function countRows(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows: counted } = await client.query('select count(*) from notifications');
  await client.end();
  return Number(counted[0].count);
}

async function insertPlainly({ bodies }, limit, length) {
  const { times, ...spent } = await limit.ask({ bodies, connections, seconds: length });
  return figures(times, spent);
}
