import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import type { Logger } from 'pino';
import { migrationsFolder, readMigrations, schemaFile } from './migrations.ts';

// The lock that Prisma's engine takes, also behind `prisma migrate deploy`: the two exclude each other.
const prismaLockKey = 72_707_369;

/**
 * Applies the migrations the database lacks, all of them or none, in the history that `prisma migrate` keeps, and
 * returns their names. Safe while other nodes do the same. Migrations that only the database knows are left
 * alone: a newer version of the service has been here.
 * @throws MigrationError naming the migration that failed; nothing has changed then.
 */
export async function migrate(
  url: string,
  { log, folder = migrationsFolder }: { readonly log: Pick<Logger, 'info'>; readonly folder?: string },
): Promise<readonly string[]> {
  const list = await readMigrations(folder);
  const client = new pg.Client({ connectionString: url, fallback_application_name: 'tidings migrations' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    if (await isUpToDate(client, list)) return [];
    await client.query('select pg_advisory_lock($1)', [prismaLockKey]);
    // Whoever had the lock may have done the work.
    if (await isUpToDate(client, list)) return [];
    const { applyMigrations } = await import('./apply-migrations.ts');
    const applied = await applyMigrations(client, list, await readFile(schemaFile, 'utf8'));
    log.info({ migrations: applied }, 'database migrated');
    return applied;
  } finally {
    await client.end();
  }
}

/** Whether the history lists every migration as done, by the checksum Prisma gives it. */
async function isUpToDate(client: pg.Client, { migrationDirectories }: MigrationList): Promise<boolean> {
  const { rows: tables } = await client.query<{ exists: boolean }>(
    `select to_regclass('_prisma_migrations') is not null as exists`,
  );
  if (tables[0]?.exists !== true) return false;
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  );
  const done = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  return migrationDirectories.every(
    ({ path, migrationFile: { content } }) =>
      done.get(path) ===
      createHash('sha256')
        .update(content.tag === 'ok' ? content.value : '')
        .digest('hex'),
  );
}
