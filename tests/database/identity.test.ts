import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { v4 as uuid } from 'uuid';
import { withDatabase } from '../../src/database/address.ts';
import { isSameHistory } from '../../src/database/fingerprint.ts';
import { type DatabaseMonitor, startMonitor } from '../../src/database/monitor.ts';
import { createDatabase, testServer } from '../support/database.ts';
import { asAdmin } from '../support/server.ts';

const log = pino({ level: 'silent' });
const monitors: DatabaseMonitor[] = [];
const databases: { drop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const monitor of monitors.splice(0)) monitor.close();
  for (const { drop } of databases.splice(0)) await drop();
});

async function aDatabase(template = testServer().prefix): Promise<string> {
  const database = await createDatabase(`template ${template}`);
  databases.push(database);
  return database.url;
}

/** The monitor of a node, which checks only on request. */
async function watch(url: string): Promise<DatabaseMonitor> {
  const monitor = await startMonitor({ url, log, lookMs: 1e9 });
  monitors.push(monitor);
  return monitor;
}

async function identityOf(url: string): Promise<string> {
  const monitor = await watch(url);
  monitor.close();
  return monitor.identity.current();
}

const run = (url: string, ...statements: string[]) =>
  asAdmin(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });

/** The effect of a restore in place on the settings: the same rows, written by another transaction. */
const restoredInPlace = [
  'begin',
  'create temporary table kept as table settings',
  'delete from settings',
  'insert into settings table kept',
  'drop table kept',
  'commit',
];

describe('the identity of a database', () => {
  it('the identity of a database is stable between starts and after vacuum freeze and rewrites', async () => {
    const url = await aDatabase();
    const first = await identityOf(url);

    await run(url, 'vacuum (freeze) settings', 'vacuum (full, freeze) settings');

    expect(await identityOf(url)).toBe(first);
  });

  it('an identity drawn by an earlier version is kept', async () => {
    const url = await aDatabase();
    const id = uuid();
    await run(url, `insert into settings (key, value) values ('database_id', '"${id}"')`);

    expect(await identityOf(url)).toBe(id);
    await run(url, ...restoredInPlace);
    expect(await identityOf(url)).not.toBe(id);
  });

  it('a copy of the database has another identity', async () => {
    const url = await aDatabase();
    const id = await identityOf(url);
    const copy = await aDatabase(new URL(url).pathname.slice(1));

    expect(await identityOf(copy)).not.toBe(id);
    expect(await identityOf(url)).toBe(id);
  });

  it('a restore in place gives one new identity that all running nodes see', async () => {
    const url = await aDatabase();
    const nodes = await Promise.all([watch(url), watch(url), watch(url)]);
    const before = nodes.map(({ identity }) => identity.current());
    let changes = 0;
    for (const { identity } of nodes) identity.onChange(() => (changes += 1));

    await run(url, ...restoredInPlace);
    await Promise.all(nodes.map((node) => node.check()));

    const after = nodes.map(({ identity }) => identity.current());
    expect(new Set(before).size).toBe(1);
    expect(new Set(after).size).toBe(1);
    expect(after).not.toEqual(before);
    expect(changes).toBe(3);
  });

  it('the identity is checked again after a lost connection', async () => {
    const url = await aDatabase();
    const { identity } = await watch(url);
    const before = identity.current();
    const changed = new Promise<void>((resolve) => void identity.onChange(resolve));

    await run(
      url,
      ...restoredInPlace,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'tidings monitor'`,
    );
    await changed;

    expect(identity.current()).not.toBe(before);
  });

  it('the identity uses only what the server lets the role read', async () => {
    const url = await aDatabase();
    const id = await identityOf(url);
    const role = `tidings_limited_${uuid().replaceAll('-', '')}`;
    await run(
      url,
      `create role ${role} login password 'limited'`,
      'revoke execute on function pg_control_system() from public',
      `grant select, insert, update on all tables in schema public to ${role}`,
    );
    const limited = new URL(url);
    limited.username = role;
    limited.password = 'limited';

    expect(await identityOf(limited.href)).toBe(id);
    await run(url, ...restoredInPlace);
    const other = await identityOf(limited.href);
    expect(other).not.toBe(id);
    expect(await identityOf(url)).toBe(other);

    await databases.pop()?.drop();
    await run(testServer().adminUrl, `drop role ${role}`);
  });
});

describe('the identity of a history', () => {
  const seen = { system: '7', database: '16384', timeline: '00000001', transaction: '730' };

  it.each(['system', 'database', 'timeline', 'transaction'] as const)(
    'a database with another %s is another database',
    (part) => {
      expect(isSameHistory(seen, seen)).toBe(true);
      expect(isSameHistory(seen, { ...seen, [part]: '8' })).toBe(false);
    },
  );

  it.each(['system', 'timeline'] as const)('a database whose %s cannot be read is not another database', (part) => {
    expect(isSameHistory(seen, { ...seen, [part]: null })).toBe(true);
    expect(isSameHistory({ ...seen, [part]: null }, seen)).toBe(true);
  });
});

const dumps = await canDump();
(dumps ? it : it.skip)('a restored dump has another identity', async () => {
  const url = await aDatabase();
  const id = await identityOf(url);
  const target = await createDatabase('template template0');
  databases.push(target);

  const { stdout } = await promisify(execFile)('pg_dump', ['--format=plain', `--dbname=${url}`], { maxBuffer: 1e8 });
  const restore = promisify(execFile)('psql', ['--quiet', `--dbname=${target.url}`]);
  restore.child.stdin?.end(stdout);
  await restore;

  expect(await identityOf(target.url)).not.toBe(id);
});

/** Whether `pg_dump` and `psql` are installed, and new enough for the server. */
async function canDump(): Promise<boolean> {
  try {
    await promisify(execFile)('pg_dump', [
      '--schema-only',
      `--dbname=${withDatabase(testServer().adminUrl, testServer().prefix)}`,
    ]);
    return true;
  } catch {
    return false;
  }
}
