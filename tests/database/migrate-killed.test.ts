import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { migrate } from '../../src/database/migrate.ts';
import { useDatabases } from '../support/database.ts';
import { migrationsWith } from '../support/migrations.ts';
import { asAdmin } from '../support/server.ts';

const log = { info: jest.fn() };
const aDatabase = useDatabases();

/** Resolves when the query returns a row. */
async function until(client: pg.Client, text: string): Promise<void> {
  while ((await client.query(text)).rows.length === 0);
}

const migrating = `from pg_stat_activity where datname = current_database() and application_name = 'tidings migrations'`;

/** Starts a process that migrates, kills it as soon as it waits for a lock, and waits until the server has noticed. */
async function killedWhenItWaits(url: string, folder: string): Promise<void> {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', file('../support/typescript.mjs'), file('migrate-process.ts'), url, folder],
    { stdio: 'inherit' },
  );
  const exited = once(child, 'exit');
  const ended = exited.then(() => Promise.reject(new Error('The process ended before it was killed.')));
  // Not in a transaction, because pg_stat_activity does not change within one.
  await asAdmin(url, async (client) => {
    await Promise.race([until(client, `select ${migrating} and wait_event_type = 'Lock'`), ended]);
    child.kill('SIGKILL');
    await exited;
    await until(client, `select where not exists (select ${migrating})`);
  });
}

const rowsOf = async (client: pg.Client, name: string) =>
  (
    await client.query(
      `select finished_at is not null as is_finished, applied_steps_count as steps, logs, rolled_back_at
       from _prisma_migrations where migration_name = $1`,
      [name],
    )
  ).rows;
const finished = { is_finished: true, steps: 1, logs: null, rolled_back_at: null };

describe('a process that is killed while it migrates', () => {
  it('a process killed while it migrates has changed nothing, and the next start applies all its migrations', async () => {
    const url = await aDatabase();
    const names = ['29990101000000_good', '29990101000001_blocked', '29990101000002_last'] as const;
    const folder = await migrationsWith({
      [names[0]]: 'create table good ();',
      [names[1]]: 'create table half_done ();\nalter table users add column shoe_size int;\ncreate table whole ();',
      [names[2]]: 'create table last_one ();',
    });

    await asAdmin(url, async (client) => {
      await client.query('begin');
      await client.query('lock table users in share mode');
      await killedWhenItWaits(url, folder);
      await client.query('commit');

      expect(await rowsOf(client, names[0])).toEqual([]);
      const { rows } = await client.query(`select to_regclass('good') as good, to_regclass('half_done') as half`);
      expect(rows).toEqual([{ good: null, half: null }]);
      expect(await migrate(url, { log, folder })).toEqual(names);
      for (const name of names) expect(await rowsOf(client, name)).toEqual([finished]);
    });
  });

  it('a killed first migration has created no tables', async () => {
    const url = await aDatabase('template template0');
    const folder = await migrationsWith({ '29990101000000_blocked': `select pg_advisory_xact_lock(4711);` });

    await asAdmin(url, async (client) => {
      await client.query('select pg_advisory_lock(4711)');
      await killedWhenItWaits(url, folder);

      expect((await client.query(`select to_regclass('_prisma_migrations') as history`)).rows).toEqual([
        { history: null },
      ]);
      await client.query('select pg_advisory_unlock(4711)');
      expect((await migrate(url, { log, folder })).at(-1)).toBe('29990101000000_blocked');
    });
  });

  const name = '29990101000001_titles';
  const scripts = {
    '29990101000000_before': 'create table before_it ();',
    [name]: `-- outside-transaction\n-- Made while nodes write.\nCREATE INDEX CONCURRENTLY IF NOT EXISTS "users_title_idx" ON "users"("title");\n`,
    '29990101000002_after': 'create table after_it ();',
  };
  const indexOf = async (client: pg.Client) =>
    (await client.query(`select indisvalid from pg_index where indexrelid = to_regclass('users_title_idx')`)).rows;

  it('an index whose build was killed is dropped and built again by the next start', async () => {
    const url = await aDatabase();
    const folder = await migrationsWith(scripts);

    await asAdmin(url, async (client) => {
      await client.query('begin');
      await client.query(`insert into users (id, email) values (gen_random_uuid(), 'writer@example.com')`);
      await killedWhenItWaits(url, folder);
      await client.query('commit');

      expect(await indexOf(client)).toEqual([{ indisvalid: false }]);
      expect(await rowsOf(client, name)).toEqual([{ ...finished, is_finished: false, steps: 0 }]);
      expect(await migrate(url, { log, folder })).toEqual([name, '29990101000002_after']);
      expect(await indexOf(client)).toEqual([{ indisvalid: true }]);
      expect(await rowsOf(client, name)).toEqual([finished]);
    });
  });

  it('an index that was built before the kill and not recorded is recorded by the next start', async () => {
    const url = await aDatabase();
    const folder = await migrationsWith(scripts);

    await asAdmin(url, async (client) => {
      await migrate(url, { log, folder });
      await client.query(
        `update _prisma_migrations set finished_at = null, applied_steps_count = 0 where migration_name = $1`,
        [name],
      );

      expect(await migrate(url, { log, folder })).toEqual([name]);
      expect(await indexOf(client)).toEqual([{ indisvalid: true }]);
      expect(await rowsOf(client, name)).toEqual([finished]);
    });
  });
});
