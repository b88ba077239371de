import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { findCluster } from '../../src/database/embedded/attach.ts';
import { createDatabase, createMigratedDatabase } from '../support/database.ts';
import { asAdmin, temporaryFolder } from '../support/server.ts';
import { startCommand, tidings } from './command.ts';

// Every command is a separate process, and some start a PostgreSQL.
jest.setTimeout(180_000);

const folder = await temporaryFolder();
const source = await createMigratedDatabase();
afterAll(async () => {
  await source.drop();
  await folder.remove();
});
const file = join(folder.path, 'all.tidings');

const usersOf = (url: string) =>
  asAdmin(url, async (client) => (await client.query('select email from users order by 1')).rows);
const tablesOf = (url: string) =>
  asAdmin(url, async (client) => (await client.query("select from pg_tables where schemaname = 'public'")).rowCount);

const restores =
  "select from pg_stat_activity where application_name = 'tidings migrations' and datname = current_database()";

/** Waits until the query finds this many rows. */
const until = (url: string, query: string, count: number) =>
  asAdmin(url, async (client) => {
    const end = Date.now() + 60_000;
    while ((await client.query(query)).rowCount !== count) {
      if (Date.now() > end) throw new Error(`Still not ${count}: ${query}`);
      await delay(50);
    }
  });

describe('tidings backup and restore', () => {
  it('a backup takes an external database to an embedded one and back, whether its service runs or not', async () => {
    await asAdmin(source.url, (client) =>
      client.query(
        "insert into users (id, email) select gen_random_uuid(), n || '@example.com' from generate_series(1, 20) n",
      ),
    );
    const users = await usersOf(source.url);
    const embedded = { DATA_DIR: join(folder.path, 'data'), LOG_LEVEL: 'error' };

    expect(await tidings(['backup', file], { DATABASE_URL: source.url })).toMatchObject({
      code: 0,
      stdout: `${file}\n`,
      stderr: expect.stringMatching(/^Backed up 20 users, 0 notifications and 0 deliveries: .* in .* s\.\n$/),
    });
    expect(await tidings(['restore', file], embedded)).toMatchObject({ code: 0 });

    const service = startCommand(['serve'], { ...embedded, PORT: '0', DRAIN_MS: '0', ADMIN_EMAIL: 'z@example.com' });
    await service.says(/Tidings answers at/);
    const found = await findCluster(embedded.DATA_DIR);
    if (found.kind !== 'running') throw new Error('The service has no database.');
    const withAdmin = await usersOf(found.url);
    expect(withAdmin).toEqual([...users, { email: 'z@example.com' }]);
    const again = join(folder.path, 'again.tidings');
    expect(await tidings(['backup', again], embedded)).toMatchObject({ code: 0 });
    expect(await tidings(['restore', '--wipe', again], embedded)).toMatchObject({
      code: 1,
      stderr: `A service is running on ${embedded.DATA_DIR}; stop it first.\n`,
    });
    service.child.kill('SIGTERM');
    expect((await service.ended).code).toBe(0);
    const stopped = join(folder.path, 'stopped.tidings');
    expect(await tidings(['backup', stopped], embedded)).toMatchObject({ code: 0 });

    const target = await createDatabase('template template0');
    try {
      expect(await tidings(['restore', stopped, '--json'], { DATABASE_URL: target.url })).toMatchObject({
        code: 0,
        stderr: '',
      });
      expect(await usersOf(target.url)).toEqual(withAdmin);
    } finally {
      await target.drop();
    }
  });

  it('a restore killed in the middle leaves an empty database', async () => {
    const target = await createDatabase('template template0');
    try {
      const many = join(folder.path, 'many.tidings');
      expect(await tidings(['backup', many], { DATABASE_URL: source.url })).toMatchObject({ code: 0 });
      await asAdmin(target.url, async (client) => {
        // The restore has already created other tables in its transaction, and now waits for the table of this name.
        await client.query('begin; create table notifier_pauses ()');
        const restoring = startCommand(['restore', many], { DATABASE_URL: target.url });
        await until(target.url, `${restores} and wait_event_type = 'Lock'`, 1);
        restoring.child.kill('SIGKILL');
        await restoring.ended;
        await client.query('rollback');
      });
      await until(target.url, restores, 0);

      expect(await tablesOf(target.url)).toBe(0);
    } finally {
      await target.drop();
    }
  });

  it('a backup and a restore report every failure in one sentence', async () => {
    const nowhere = join(folder.path, 'nowhere');
    expect(await tidings(['backup', join(folder.path, 'x')], { DATA_DIR: nowhere })).toMatchObject({
      code: 1,
      stderr: `There is no database in ${nowhere}; set DATA_DIR to the folder of the service, or DATABASE_URL.\n`,
    });
    await expect(access(nowhere)).rejects.toThrow('ENOENT');
    expect(await tidings(['restore', join(folder.path, 'none')], { DATA_DIR: nowhere })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/none cannot be read: there is no such file\.\n$/),
    });
    expect(await tidings(['backup'])).toMatchObject({ code: 2 });
  });
});
