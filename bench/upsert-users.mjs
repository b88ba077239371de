import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { postgresCpuMs } from './postgres-cpu.mjs';
import { startProcess } from './processes.mjs';
import { table } from './report.mjs';
import { adminToken } from './seed.mjs';
import { insertUsers, updateUsers } from './users-in-bulk.mjs';

const count = 10_000;
const warmUps = 2;
const rounds = 6;
/** Creating may take this many times as long as the bare insert. */
const most = 1.5;

/**
 * Upserts 10,000 users with one request: new ones, the same again, and the same with a change each. Beside it, one
 * prepared `INSERT … SELECT unnest` and one `UPDATE … FROM unnest` of the same columns of other users, by bare `pg`; and
 * the insert behind `node:http`, which receives and answers the same JSON as the service. Each begins with the same
 * table and serializes its users while it is measured.
 * @param {{ url: string, databaseUrl: string, usage: () => Promise<{ cpuMs: number }> }} service
 */
export async function benchUpsertUsers(service) {
  const client = new pg.Client({ connectionString: service.databaseUrl });
  await client.connect();
  const limit = await startProcess(new URL('upsert-limit.mjs', import.meta.url), { DATABASE_URL: service.databaseUrl });
  const figures = new Map();
  const backend = postgresCpuMs(client);
  /** Also counts the CPU time of every process that takes part. @param measured the server, if there is one */
  const measure = async (name, isKept, work, measured) => {
    const cpuMs = async () => processCpuMs() + ((await measured?.usage())?.cpuMs ?? 0);
    const before = [await cpuMs(), await backend()];
    const begin = performance.now();
    await work();
    const took = performance.now() - begin;
    const after = [await cpuMs(), await backend()];
    if (!isKept) return;
    if (!figures.has(name)) figures.set(name, []);
    figures.get(name).push([took, ...after.map((value, index) => value - before[index])]);
  };
  const turns = [
    async (name, isKept) => {
      const users = usersOf(name);
      await measure('bare insert', isKept, () => insertUsers(client, users));
      await measure('bare update', isKept, () => updateUsers(client, users.map(renamed)));
    },
    async (name, isKept) => {
      const users = usersOf(name);
      await measure('bare insert behind `node:http`', isKept, () => put(limit.url, users, 'created'), limit);
    },
    async (name, isKept) => {
      const users = usersOf(name);
      await measure('created', isKept, () => put(service.url, users, 'created'), service);
      await measure('unchanged', isKept, () => put(service.url, users, 'unchanged'), service);
      await measure('updated', isKept, () => put(service.url, users.map(renamed), 'updated'), service);
    },
  ];
  try {
    for (let round = 0; round < warmUps + rounds; round++) {
      // The order alternates, because the first of a round finds the machine in another state.
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) {
        await turn(`round-${round}`, round >= warmUps);
        await client.query('delete from users where external_id is not null');
        await client.query('vacuum (analyze) users');
        // For the writes that follow a checkpoint or a vacuum.
        await delay(100);
      }
    }
  } finally {
    await limit.stop();
    await client.end();
  }
  report(figures);
}

function report(figures) {
  const medians = new Map([...figures].map(([name, runs]) => [name, [0, 1, 2].map((place) => middle(runs, place))]));
  const [bareMs, ...bareCpu] = medians.get('bare insert');
  const bareCpuMs = bareCpu[0] + bareCpu[1];
  const order = ['bare insert', 'bare insert behind `node:http`', 'created', 'unchanged', 'bare update', 'updated'];
  table(
    [`${count} users`, 'p50 ms', 'of the bare insert', 'CPU ms', 'of them PostgreSQL', 'of the bare insert', 'at most'],
    order.map((name) => {
      const [ms, nodeMs, postgresMs] = medians.get(name);
      const share = ms / bareMs;
      const limit = name === 'created' ? (share <= most ? `${most}` : `**${most}**`) : '';
      const cpuMs = nodeMs + postgresMs;
      const cells = [ms.toFixed(0), share.toFixed(2), cpuMs.toFixed(0), postgresMs.toFixed(0)];
      return [name, ...cells, (cpuMs / bareCpuMs).toFixed(2), limit];
    }),
  );
}

function usersOf(name) {
  return Array.from({ length: count }, (_, index) => ({
    external_id: `${name}-${index}`,
    email: `${name}-${index}@example.com`,
    username: `${name}-${index}`,
    first_name: 'Ada',
    last_name: `Number ${index}`,
    language: 'en-GB',
    timezone: 'Europe/Berlin',
  }));
}

const renamed = (user) => ({ ...user, last_name: `${user.last_name} II` });

function middle(runs, place) {
  const values = runs.map((run) => run[place]).sort((a, b) => a - b);
  return values[values.length >> 1];
}

function processCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function put(url, users, expected) {
  const answer = await fetch(`${url}/users`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(users),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  const other = data.find(({ status }) => status !== expected);
  if (other) throw new Error(`an entry should be ${expected}: ${JSON.stringify(other)}`);
}
