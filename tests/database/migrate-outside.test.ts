import { describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { minimumKey, schemaGeneration } from '../../src/database/compatibility.ts';
import { lockKeys } from '../../src/database/lock-keys.ts';
import { migrate } from '../../src/database/migrate.ts';
import { useDatabases } from '../support/database.ts';
import { migrationsWith, writeMigrations } from '../support/migrations.ts';
import { asAdmin } from '../support/server.ts';

const log = { info: jest.fn() };
const aDatabase = useDatabases();

const name = '29990101000001_titles';
const build = `-- outside-transaction\ncreate unique index concurrently if not exists users_title_idx on public.users (title);\n`;

async function indexOf(client: pg.Client): Promise<'none' | 'valid' | 'invalid'> {
  const { rows } = await client.query<{ indisvalid: boolean }>(
    `select indisvalid from pg_index where indexrelid = to_regclass('users_title_idx')`,
  );
  if (rows[0] === undefined) return 'none';
  return rows[0].indisvalid ? 'valid' : 'invalid';
}

const appliedIn = async (client: pg.Client) =>
  (
    await client.query<{ name: string }>(
      `select migration_name as name from _prisma_migrations where migration_name > '2999' and finished_at is not null order by 1`,
    )
  ).rows.map((row) => row.name);

/** Resolves when `count` sessions wait for a lock. */
async function untilWaiting(client: pg.Client, count: number): Promise<void> {
  const text = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await client.query(text)).rows.length !== count);
}

describe('a migration outside a transaction', () => {
  it('a migration outside a transaction is applied once and in order by nodes that start concurrently', async () => {
    const url = await aDatabase();
    const folder = await migrationsWith({
      '29990101000000_before': 'create table before_it ();',
      [name]: build,
      '29990101000002_after': 'create table after_it ();',
    });

    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url, { log, folder })));

    expect(applied.flat()).toEqual(['29990101000000_before', name, '29990101000002_after']);
    await asAdmin(url, async (client) => {
      expect(await indexOf(client)).toBe('valid');
      expect(await appliedIn(client)).toEqual(applied.flat());
    });
  });

  it('a migration outside a transaction does not deadlock with a statement that waits for the migration lock, such as one of prisma migrate', async () => {
    const url = await aDatabase();
    const folder = await migrationsWith({ [name]: build });

    await asAdmin(url, async (writer) => {
      await writer.query('begin');
      await writer.query(`insert into users (id, email) values (gen_random_uuid(), 'writer@example.com')`);
      const migrated = migrate(url, { log, folder });
      await asAdmin(url, (client) => untilWaiting(client, 1));
      const other = asAdmin(url, async (client) => {
        // PostgreSQL cancels the session that detects the deadlock. This one would check only after an hour.
        await client.query(`set deadlock_timeout = '1h'`);
        await client.query('select pg_advisory_lock($1)', [lockKeys.migrations]);
      });
      await asAdmin(url, (client) => untilWaiting(client, 2));
      await writer.query('commit');

      await other;
      expect(await migrated).toEqual([name]);
      expect(await indexOf(writer)).toBe('valid');
    });
  });

  it('a migration outside a transaction that fails leaves no index, keeps earlier migrations, and is retried by the next start', async () => {
    const url = await aDatabase();
    const folder = await migrationsWith({ '29990101000000_before': 'create table before_it ();', [name]: build });
    await asAdmin(url, async (client) => {
      await client.query(`insert into users (id, title) values (gen_random_uuid(), 'Ada'), (gen_random_uuid(), 'Ada')`);

      await expect(migrate(url, { log, folder })).rejects.toThrow(
        `The migration ${name} failed, and is tried again at the next start: could not create unique index`,
      );
      expect(await indexOf(client)).toBe('none');
      expect(await appliedIn(client)).toEqual(['29990101000000_before']);
      const { rows } = await client.query('select logs from _prisma_migrations where migration_name = $1', [name]);
      expect(rows).toEqual([{ logs: 'could not create unique index "users_title_idx"' }]);

      await client.query('delete from users');
      expect(await migrate(url, { log, folder })).toEqual([name]);
      expect(await indexOf(client)).toBe('valid');
    });
  });

  it('a migration outside a transaction with several statements is refused, because they would share a transaction', async () => {
    const url = await aDatabase();
    const folder = await migrationsWith({ [name]: `${build}create table more ();` });

    await expect(migrate(url, { log, folder })).rejects.toThrow(
      `The migration ${name} failed, and is tried again at the next start: cannot insert multiple commands`,
    );

    await writeMigrations(folder, { [name]: build });
    expect(await migrate(url, { log, folder })).toEqual([name]);
  });

  it('a migration outside a transaction that fails keeps the minimum generation of earlier migrations', async () => {
    const url = await aDatabase();
    const generation = schemaGeneration + 1;
    const contraction = '29990101000000_contract';
    const folder = await migrationsWith({
      [contraction]: `-- minimum-generation: ${generation}\nalter table users drop column first_name;`,
      [name]: '-- outside-transaction\nvacuum nonsense;',
    });

    await expect(migrate(url, { log, folder, generation })).rejects.toThrow(name);

    const { rows } = await asAdmin(url, (client) =>
      client.query('select value from settings where key = $1', [minimumKey]),
    );
    expect(rows).toEqual([{ value: { generation, migration: contraction } }]);
    await expect(migrate(url, { log })).rejects.toThrow(contraction);
  });
});
