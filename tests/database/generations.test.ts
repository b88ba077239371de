import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { minimumKey, raisedMinimum, schemaGeneration } from '../../src/database/compatibility.ts';
import { migrate } from '../../src/database/migrate.ts';
import { migrationsFolder, readMigrations } from '../../src/database/migrations.ts';
import { type DatabaseMonitor, startMonitor } from '../../src/database/monitor.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { useDatabases } from '../support/database.ts';
import { asAdmin } from '../support/server.ts';

const log = pino({ level: 'silent' });
const scratch = await mkdtemp(join(tmpdir(), 'tidings-generations-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));

const monitors: DatabaseMonitor[] = [];
afterEach(() => {
  for (const monitor of monitors.splice(0)) monitor.close();
});
const aDatabase = useDatabases();

const name = '29990101000000_contract';
const next = schemaGeneration + 1;
const contraction = `-- minimum-generation: ${next}\nlock table users in access exclusive mode;\nalter table users drop column first_name;\n`;

/** A folder with the migrations of the repository and one more. */
async function folderWith(script: string): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'folder-'));
  await cp(migrationsFolder, folder, { recursive: true });
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'migration.sql'), script);
  return folder;
}

/** A running node of this version, which records the calls it gets. */
async function aNode(url: string, pause: () => Promise<void> = async () => undefined) {
  const monitor = await startMonitor({ url, log, pollMs: 20 });
  monitors.push(monitor);
  const calls: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (what: string) => {
    calls.push(what);
    for (const look of [...waiting]) look();
  };
  monitor.guard({
    async pause() {
      tell('pause');
      await pause();
    },
    resume: () => tell('resume'),
  });
  const until = (what: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (calls.includes(what)) resolve();
      };
      waiting.add(look);
      look();
    });
  return { monitor, calls, until };
}

const columnsOf = (url: string) =>
  asAdmin(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_name = 'users'`,
    );
    return rows.map((row) => row.name);
  });

describe('a migration that older versions cannot work with', () => {
  it('a contracting migration waits for older nodes to finish, and an older version that starts later is refused with the name of the migration', async () => {
    const url = await aDatabase();
    let columns: string[] = [];
    const { monitor, calls } = await aNode(url, async () => {
      columns = await columnsOf(url);
    });
    const folder = await folderWith(contraction);

    expect(await migrate(url, { log, folder, generation: next })).toEqual([name]);

    expect(calls).toEqual(['pause']);
    expect(columns).toContain('first_name');
    expect(await columnsOf(url)).not.toContain('first_name');
    const reason = `with schema generation ${next} or later since its migration ${name}, and this version has generation ${schemaGeneration}`;
    expect(await monitor.check()).toContain(reason);
    await expect(migrate(url, { log })).rejects.toThrow(reason);
    await expect(startMonitor({ url, log })).rejects.toThrow(reason);
    expect(await migrate(url, { log, folder, generation: next })).toEqual([]);
  });

  it('a contracting migration is applied to an empty database immediately and recorded', async () => {
    const url = await aDatabase('template template0');

    await migrate(url, { log, folder: await folderWith(contraction), generation: next });

    await expect(migrate(url, { log })).rejects.toThrow(name);
  });

  it('a contracting migration that fails lets older nodes continue', async () => {
    const url = await aDatabase();
    const { monitor, calls, until } = await aNode(url);
    const folder = await folderWith(`${contraction}select nonsense;`);

    await expect(migrate(url, { log, folder, generation: next })).rejects.toThrow(`${name} failed`);
    await until('resume');

    expect(calls).toEqual(['pause', 'resume']);
    expect(await monitor.check()).toBeUndefined();
  });

  it('a contracting migration names older nodes that do not finish, and lets them continue', async () => {
    const url = await aDatabase();
    const ending = promiseWithResolvers<void>();
    const { calls, until } = await aNode(url, () => ending.promise);
    const folder = await folderWith(contraction);

    await expect(migrate(url, { log, folder, generation: next, waitMs: 300 })).rejects.toThrow(
      /needs older nodes to stop first, but these are still running: .* \(backend \d+\)/,
    );
    expect(await columnsOf(url)).toContain('first_name');
    ending.resolve();
    await until('resume');

    expect(calls).toEqual(['pause', 'resume']);
  });

  it('a contracting migration stops no node if the process applying it was killed', async () => {
    const url = await aDatabase();
    await asAdmin(url, (client) =>
      client.query(`insert into settings (key, value) values ($1, $2)`, [
        minimumKey,
        JSON.stringify({ generation: next, migration: name }),
      ]),
    );

    expect(await (await aNode(url)).monitor.check()).toBeUndefined();
    expect(await migrate(url, { log })).toEqual([]);
    expect(await migrate(url, { log, folder: await folderWith(contraction), generation: next })).toEqual([name]);
  });

  it('a migration that requires a later generation than that of the code is refused', async () => {
    const url = await aDatabase();

    await expect(migrate(url, { log, folder: await folderWith(contraction) })).rejects.toThrow(name);
    expect(await migrate(url, { log })).toEqual([]);
  });
});

describe('an older version of the service', () => {
  it('an older version works on a schema expanded by a newer one', async () => {
    const url = await aDatabase();
    await migrate(url, { log, folder: await folderWith('create table newer ();') });

    expect(await migrate(url, { log })).toEqual([]);
    expect(await (await aNode(url)).monitor.check()).toBeUndefined();
  });

  it('a running node detects a database that lacks its schema, as after a restore', async () => {
    const url = await aDatabase();
    const { monitor, until } = await aNode(url);
    const last = (await readMigrations()).at(-1)?.name;

    await asAdmin(url, (client) => client.query('delete from _prisma_migrations where migration_name = $1', [last]));
    await until('pause');

    expect(await monitor.check()).toContain(`lacks the migration ${last}`);
  });
});

describe('a migration that was edited after it was applied', () => {
  it('a migration edited after it was applied is refused by name', async () => {
    const url = await aDatabase();
    const folder = await folderWith('create table newer ();');
    await migrate(url, { log, folder });
    const file = join(folder, name, 'migration.sql');
    await writeFile(file, `${await readFile(file, 'utf8')}\n-- edited`);

    await expect(migrate(url, { log, folder })).rejects.toThrow(
      `The migration ${name} was changed after it was applied`,
    );
  });
});

it('no migration of this version requires a later generation than its own, and a malformed minimum-generation comment is refused', async () => {
  const required = (await readMigrations()).map(({ script }) => raisedMinimum(script) ?? 1);

  expect(Math.max(...required)).toBeLessThanOrEqual(schemaGeneration);
  expect(() => raisedMinimum('-- minimum-generation: soon')).toThrow('must name a generation');
});
