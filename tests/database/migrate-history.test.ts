import { randomUUID } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { minimumKey, schemaGeneration } from '../../src/database/compatibility.ts';
import { migrate } from '../../src/database/migrate.ts';
import { readMigrations } from '../../src/database/migrations.ts';
import { startMonitor } from '../../src/database/monitor.ts';
import { useDatabases } from '../support/database.ts';
import { migrationsWith } from '../support/migrations.ts';
import { asAdmin } from '../support/server.ts';

const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
const aDatabase = useDatabases();

interface Row {
  readonly migration_name: string;
  readonly finished_at?: string;
  readonly rolled_back_at?: string;
  readonly logs?: string;
  readonly applied_steps_count?: number;
}

/** Inserts a row into the history as Prisma does. */
const addRow = (url: string, row: Row) =>
  asAdmin(url, (client) =>
    client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, rolled_back_at, logs, applied_steps_count)
       values ($1, 'of another text', $2, $3, $4, $5, $6)`,
      [
        randomUUID(),
        row.migration_name,
        row.finished_at ?? null,
        row.rolled_back_at ?? null,
        row.logs ?? null,
        row.applied_steps_count ?? 0,
      ],
    ),
  );

const name = '29990101000000_newer';
const time = '2999-01-01T00:00:00Z';

describe('a migration that prisma migrate started and did not finish', () => {
  it('an unfinished migration of prisma migrate stops the start, and the error says its name, its fault and what to do', async () => {
    const url = await aDatabase();
    await addRow(url, { migration_name: name, logs: 'ERROR: disk full\n' });

    const refused = migrate(url, { log, folder: await migrationsWith({ [name]: 'create table newer ();' }) });

    await expect(refused).rejects.toThrow(
      new RegExp(
        `${name} was begun by another tool at .*prisma migrate resolve --applied ${name}.* --rolled-back ${name}.*ERROR: disk full$`,
      ),
    );
  });

  it('a migration that an operator marked as rolled back is applied', async () => {
    const url = await aDatabase();
    await addRow(url, { migration_name: name, logs: 'ERROR: disk full', rolled_back_at: time });
    const folder = await migrationsWith({ [name]: 'create table newer ();' });

    expect(await migrate(url, { log, folder })).toEqual([name]);
    expect(await migrate(url, { log, folder })).toEqual([]);
  });
});

describe('a migration that is in the history and not in the code', () => {
  it.each([
    { state: 'applied', row: { finished_at: time, applied_steps_count: 1 } },
    { state: 'in progress', row: {} },
  ])('an unknown migration that is $state is ignored if the schema allows this version', async ({ row }) => {
    const url = await aDatabase();
    await addRow(url, { migration_name: name, ...row });
    await asAdmin(url, (client) =>
      client.query('insert into settings (key, value) values ($1, $2)', [
        minimumKey,
        JSON.stringify({ generation: schemaGeneration, migration: name }),
      ]),
    );

    expect(await migrate(url, { log })).toEqual([]);
    const monitor = await startMonitor({ url, log });
    expect(await monitor.check()).toBeUndefined();
    monitor.close();
  });

  it('an unknown migration stops the start, and the error names it, if the schema does not allow this version', async () => {
    const url = await aDatabase();
    await addRow(url, { migration_name: name, finished_at: time, applied_steps_count: 1 });
    await asAdmin(url, (client) =>
      client.query('insert into settings (key, value) values ($1, $2)', [
        minimumKey,
        JSON.stringify({ generation: schemaGeneration + 1, migration: name }),
      ]),
    );

    await expect(migrate(url, { log })).rejects.toThrow(`since its migration ${name}`);
    await expect(startMonitor({ url, log })).rejects.toThrow(`since its migration ${name}`);
  });
});

describe('a database that an earlier version of the service has migrated', () => {
  it('a history with rolled-back rows of an earlier version is complete', async () => {
    const url = await aDatabase();
    const [first] = await readMigrations();
    await addRow(url, { migration_name: first?.name ?? '', rolled_back_at: time, logs: 'ERROR: cancelled' });
    await asAdmin(url, (client) => client.query(`update _prisma_migrations set logs = '' where logs is null`));

    expect(await migrate(url, { log })).toEqual([]);
  });
});

describe('a database that is not empty and has no history', () => {
  it('a database with other tables is refused and left unchanged', async () => {
    const url = await aDatabase('template template0');
    await asAdmin(url, (client) => client.query('create table invoices ()'));

    await expect(migrate(url, { log })).rejects.toThrow(
      'The database cannot be migrated: it is not empty (it contains "invoices")',
    );

    const { rows } = await asAdmin(url, (client) =>
      client.query(`select count(*)::int as tables from pg_tables where schemaname = 'public'`),
    );
    expect(rows).toEqual([{ tables: 1 }]);
  });

  it('a database with only the objects of an extension is migrated', async () => {
    const url = await aDatabase('template template0');
    await asAdmin(url, (client) => client.query('create extension pg_stat_statements'));

    expect(await migrate(url, { log })).toHaveLength((await readMigrations()).length);
  });
});

describe('the settings of the session', () => {
  it('every migration runs with the same session settings, whatever earlier ones set, in the default schema of the role', async () => {
    const url = await aDatabase('template template0');
    await asAdmin(url, async (client) => {
      await client.query('create schema "My Tidings"');
      await client.query(`do $$ begin
        execute format('alter database %I set search_path = "My Tidings"', current_database());
        execute format('alter database %I set lock_timeout = ''7s''', current_database());
        execute format('alter database %I set statement_timeout = ''7s''', current_database());
        execute format('alter database %I set default_transaction_isolation = ''serializable''', current_database());
      end $$`);
    });
    const folder = await migrationsWith({
      '29990101000000_set': `set search_path = ''; set statement_timeout = 1; set role pg_monitor; set lock_timeout = 1;`,
      '29990101000001_seen': `create table seen as select current_setting('search_path') as path, current_setting('statement_timeout') as statement,
        current_setting('lock_timeout') as lock, current_user = session_user as is_self, current_setting('transaction_isolation') as isolation;`,
    });

    await migrate(url, { log, folder });

    const { rows } = await asAdmin(url, (client) => client.query('select * from "My Tidings".seen'));
    expect(rows).toEqual([
      { path: '"My Tidings"', statement: '0', lock: '7s', is_self: true, isolation: 'read committed' },
    ]);
    expect(await migrate(url, { log, folder })).toEqual([]);
  });
});

it('a migration is retried after a deadlock with a node', async () => {
  const url = await aDatabase();
  const folder = await migrationsWith({
    [name]: 'lock table templates in share mode;\nlock table users in access exclusive mode;\ncreate table newer ();',
  });

  await asAdmin(url, async (node) => {
    // PostgreSQL cancels the session that detects the deadlock. This one would check only after an hour, so the
    // migration is cancelled.
    await node.query(`set deadlock_timeout = '1h'`);
    await node.query('begin');
    await node.query('lock table users in row exclusive mode');
    const migrated = migrate(url, { log, folder });
    await asAdmin(url, async (client) => {
      const text = `select from pg_locks where relation = 'users'::regclass and not granted`;
      while ((await client.query(text)).rows.length === 0);
    });
    await node.query('lock table templates in row exclusive mode');
    await node.query('commit');

    expect(await migrated).toEqual([name]);
  });
});

it('a migration that ends its transaction is refused by name', async () => {
  const url = await aDatabase();
  const folder = await migrationsWith({ [name]: 'create table newer ();\ncommit;\nselect 1;' });

  await expect(migrate(url, { log, folder })).rejects.toThrow(`The migration ${name} ends its transaction`);
});
