import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { diffAgainstSchema, schemaFile } from '../../prisma/tools/diff.ts';
import { createMigration } from '../../prisma/tools/new-migration.ts';
import { openDatabase } from '../../src/database/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { readMigrations } from '../../src/database/migrations.ts';
import { createDatabase, testServer } from '../support/database.ts';
import { migrationsWith } from '../support/migrations.ts';
import { asAdmin, temporaryFolder } from '../support/server.ts';

const log = { info: jest.fn() };
const names = (await readMigrations()).map(({ name }) => name);

async function emptyDatabase(options = 'template template0') {
  const database = await createDatabase(options);
  return { ...database, [Symbol.asyncDispose]: database.drop };
}

async function tablesOf(url: string): Promise<string[]> {
  return asAdmin(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    );
    return rows.map((row) => row.name);
  });
}

describe('migrate', () => {
  it('every migration is applied to an empty database, and once only', async () => {
    await using database = await emptyDatabase();

    expect(await migrate(database.url, { log })).toEqual(names);
    expect(await migrate(database.url, { log })).toEqual([]);
    expect(await tablesOf(database.url)).toContain('notifications');
  });

  it('migrations are recorded in Prisma’s table as Prisma does', async () => {
    await using database = await emptyDatabase();
    await migrate(database.url, { log });

    const { rows } = await asAdmin(database.url, (client) =>
      client.query('select migration_name, applied_steps_count, logs, rolled_back_at from _prisma_migrations'),
    );

    expect(rows).toEqual(
      names.map((name) => ({ migration_name: name, applied_steps_count: 1, logs: null, rolled_back_at: null })),
    );
  });

  it('one of several nodes applies the migrations', async () => {
    await using database = await emptyDatabase();

    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, { log })));

    expect(applied.flat()).toEqual(names);
  });

  it('a failed migration changes nothing, and is applied once it is corrected', async () => {
    await using database = await emptyDatabase();
    const broken = await migrationsWith({
      '29990101000000_good': `create table good (t text default ';');`,
      '29990101000001_bad': 'create table half_done ();\nselect nonsense;',
    });
    const corrected = await migrationsWith({
      '29990101000000_good': `create table good (t text default ';');`,
      '29990101000001_bad': 'create table done ();',
    });

    await expect(migrate(database.url, { log, folder: broken })).rejects.toThrow(
      /29990101000001_bad failed.*column "nonsense" does not exist/s,
    );
    expect(await tablesOf(database.url)).toEqual([]);

    expect(await migrate(database.url, { log, folder: corrected })).toHaveLength(names.length + 2);
    expect(await tablesOf(database.url)).toEqual(expect.arrayContaining(['done', 'good']));
  });

  it('a database migrated by a newer version is left unchanged', async () => {
    await using database = await emptyDatabase();
    const newer = await migrationsWith({ '29990101000000_newer': 'create table newer ();' });
    await migrate(database.url, { log, folder: newer });

    expect(await migrate(database.url, { log })).toEqual([]);
    expect(await tablesOf(database.url)).toContain('newer');
  });

  it.each([
    'locale_provider icu icu_locale "de-AT" locale "C"',
    'locale_provider libc locale "C"',
    `locale_provider builtin builtin_locale "C.UTF-8" locale "C"`,
  ])('migrations work in a database with %s', async (locale) => {
    await using database = await emptyDatabase(`template template0 encoding 'UTF8' ${locale}`);

    await migrate(database.url, { log });

    const db = await openDatabase({ url: database.url, poolSize: 1 });
    expect(
      await db.query({ text: `select max(t collate "C") as t from (values ('a'), ('Ä')) v (t)`, values: [] }),
    ).toEqual([{ t: 'Ä' }]);
    expect(await db.prisma.notification.count()).toBe(0);
    await db.close();
  });
});

describe('the migrations', () => {
  it('the migrations lead to the schema in schema.prisma', async () => {
    expect(await diffAgainstSchema(testServer().adminUrl)).toBeUndefined();
  });

  it('migrations without the comment `-- outside-transaction` can run in one transaction', async () => {
    for (const { script, isTransactional } of await readMigrations()) {
      if (!isTransactional) continue;
      expect(script).not.toMatch(/\bconcurrently\b|^\s*(begin|commit|rollback)\b/im);
    }
  });

  it.each([
    `insert into users (id, role) values (gen_random_uuid(), 'king')`,
    `insert into users (id, status) values (gen_random_uuid(), 'asleep')`,
    `insert into inboxes (recipient_id, unread) values (gen_random_uuid(), -1)`,
    `insert into inboxes (recipient_id, total) values (gen_random_uuid(), -1)`,
    `insert into notifications (id, uuid, recipient_id, subject, created_version, version)
       values (9007199254740992, gen_random_uuid(), gen_random_uuid(), '', 1, 1)`,
    `insert into notifications (id, uuid, recipient_id, subject, created_version, version)
       values (0, gen_random_uuid(), gen_random_uuid(), '', 1, 1)`,
    `insert into notifications (uuid, recipient_id, subject, created_version, version, status)
       values (gen_random_uuid(), gen_random_uuid(), '', 1, 1, 'lost')`,
  ])('the constraints of the schema refuse: %s', async (statement) => {
    await using database = await emptyDatabase(`template ${testServer().prefix}`);

    await expect(asAdmin(database.url, (client) => client.query(statement))).rejects.toMatchObject({ code: '23514' });
  });
});

describe('createMigration', () => {
  const url = testServer().adminUrl;

  it('no migration is created if the schema has not changed', async () => {
    expect(await createMigration({ name: 'nothing', now: new Date(), url })).toBeUndefined();
    expect(await readMigrations()).toMatchObject(names.map((name) => ({ name })));
  });

  it('a new migration adds what the schema has and the migrations lack', async () => {
    const folder = await migrationsWith({});
    const schema = join(folder, 'schema.prisma');
    const text = await readFile(schemaFile, 'utf8');
    await writeFile(schema, `${text}\nmodel Channel {\n  id String @id @db.Uuid\n\n  @@map("channels")\n}\n`);

    const created = await createMigration({
      name: 'add_channels',
      now: new Date('2999-01-02T03:04:05Z'),
      url,
      folder,
      schema,
    });

    expect(created).toBe(join(folder, '29990102030405_add_channels'));
    expect(await readdir(join(folder, '29990102030405_add_channels'))).toEqual(['migration.sql']);
    expect(await diffAgainstSchema(testServer().adminUrl, { folder, schema })).toBeUndefined();
  });

  it('a new migration with an invalid name is refused', async () => {
    await expect(createMigration({ name: '../up', now: new Date(), url })).rejects.toThrow('name of a migration');
  });
});

describe('npm run migrate:new', () => {
  it('migrate:new reports that there are no changes, and leaves no temporary files', async () => {
    const { path: TMPDIR, remove } = await temporaryFolder();

    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        '--import',
        fileURLToPath(new URL('../support/typescript.mjs', import.meta.url)),
        fileURLToPath(new URL('../../prisma/tools/new-migration.ts', import.meta.url)),
        'nothing',
      ],
      { env: { ...process.env, TMPDIR } },
    );

    expect(stdout).toContain('There are no changes');
    expect(await readdir(TMPDIR)).toEqual([]);
    await remove();
  });
});
