import { describe, expect, it, jest } from '@jest/globals';
import { migrate } from '../../src/database/migrate.ts';
import { migrationsFolder, readMigrations } from '../../src/database/migrations.ts';
import { useDatabases } from '../support/database.ts';
import { migrationsBefore, migrationsWith, writeMigrations } from '../support/migrations.ts';
import { prismaMigrate } from '../support/prisma-cli.ts';
import { asAdmin } from '../support/server.ts';

// The command line of Prisma takes seconds to load.
jest.setTimeout(120_000);

const log = { info: jest.fn() };
const names = (await readMigrations()).map(({ name }) => name);
const aDatabase = useDatabases();
const emptyDatabase = () => aDatabase('template template0');

/** The columns, indexes and rows of the history, except ids and times. */
const historyOf = (url: string) =>
  asAdmin(url, async (client) => {
    const { rows: columns } = await client.query(
      `select attname, atttypid::regtype::text, atttypmod, attnotnull, pg_get_expr(adbin, adrelid) as value
       from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
       where attrelid = '_prisma_migrations'::regclass and attnum > 0 order by attnum`,
    );
    const { rows: indexes } = await client.query(
      `select pg_get_indexdef(indexrelid) from pg_index where indrelid = '_prisma_migrations'::regclass`,
    );
    const { rows } = await client.query(
      `select migration_name, checksum, finished_at >= started_at as is_finished, logs, rolled_back_at,
              applied_steps_count, length(id) as id
       from _prisma_migrations order by started_at`,
    );
    return { columns, indexes, rows };
  });

const newer = '29990101000000_newer';
const titles = '29990101000001_titles';
const build = `-- outside-transaction\ncreate index concurrently if not exists users_title_idx on users (title);\n`;

describe('prisma migrate', () => {
  it('prisma migrate finds nothing to do after the service, and the service after prisma migrate', async () => {
    const ours = await emptyDatabase();
    const theirs = await emptyDatabase();
    const folder = await migrationsWith({ [titles]: build });

    await migrate(ours, { log, folder });
    expect(await prismaMigrate(ours, folder, 'status')).toMatchObject({
      code: 0,
      output: expect.stringContaining('Database schema is up to date!'),
    });
    expect(await prismaMigrate(ours, folder, 'deploy')).toMatchObject({
      code: 0,
      output: expect.stringContaining('No pending migrations to apply.'),
    });
    expect(await prismaMigrate(theirs, folder, 'deploy')).toMatchObject({ code: 0 });
    expect(await migrate(theirs, { log, folder })).toEqual([]);
    expect(await historyOf(theirs)).toEqual(await historyOf(ours));
  });

  it('prisma migrate and the service continue from each other’s migrations', async () => {
    const url = await emptyDatabase();
    const [, second = ''] = names;
    await migrate(url, { log, folder: await migrationsBefore(second) });

    const { code, output } = await prismaMigrate(url, migrationsFolder, 'status');
    expect(code).toBe(1);
    expect(output).toContain(names.slice(1).join('\n'));
    expect(output).not.toContain(names[0]);
    expect(await prismaMigrate(url, migrationsFolder, 'deploy')).toMatchObject({ code: 0 });
    expect(await migrate(url, { log, folder: await migrationsWith({ [newer]: 'create table newer ();' }) })).toEqual([
      newer,
    ]);
  });

  it('a migration that failed in prisma migrate is refused by the service until it is resolved, and then applied', async () => {
    const url = await emptyDatabase();
    const folder = await migrationsWith({ [newer]: 'create table half_done ();\nselect nonsense;' });

    expect(await prismaMigrate(url, folder, 'deploy')).toMatchObject({ code: 1 });
    await expect(migrate(url, { log, folder })).rejects.toThrow(/newer was begun by another tool.*nonsense/s);
    expect(await prismaMigrate(url, folder, 'resolve', '--rolled-back', newer)).toMatchObject({ code: 0 });
    await writeMigrations(folder, { [newer]: 'create table newer ();' });

    expect(await migrate(url, { log, folder })).toEqual([newer]);
    expect(await prismaMigrate(url, folder, 'status')).toMatchObject({ code: 0 });
  });

  it('prisma migrate reports an unfinished migration of the service as failed until the next start has finished it', async () => {
    const url = await emptyDatabase();
    const folder = await migrationsWith({ [titles]: build });
    await migrate(url, { log, folder });
    await asAdmin(url, (client) =>
      client.query(
        'update _prisma_migrations set finished_at = null, applied_steps_count = 0 where migration_name = $1',
        [titles],
      ),
    );

    expect(await prismaMigrate(url, folder, 'status')).toMatchObject({
      code: 1,
      output: expect.stringContaining(titles),
    });
    expect(await migrate(url, { log, folder })).toEqual([titles]);
    expect(await prismaMigrate(url, folder, 'status')).toMatchObject({ code: 0 });
  });
});
