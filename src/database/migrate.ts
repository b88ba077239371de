import { readFile } from 'node:fs/promises';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import type { Logger } from 'pino';
import {
  isMigratingSql,
  type MinimumGeneration,
  migrationLockKey,
  minimumKey,
  minimumOf,
  raisedMinimum,
  type SchemaState,
  schemaGeneration,
  tooOld,
} from './compatibility.ts';
import { checksumOf, MigrationError, migrationsFolder, readMigrations, schemaFile, scriptOf } from './migrations.ts';
import { olderNodesStopped, writeMinimum } from './minimum.ts';

/** How long older nodes have to stop, before a migration that they cannot work with. */
const defaultWaitMs = 60_000;

export interface MigrateOptions {
  readonly log: Pick<Logger, 'info'>;
  readonly folder?: string;
  /** Of this code; left out: as it is. */
  readonly generation?: number;
  /** How long older nodes are waited for, where a migration needs them to stop. */
  readonly waitMs?: number;
}

/**
 * Applies the migrations the database lacks, all of them or none, in the history that `prisma migrate` keeps, and
 * returns their names. Safe while other nodes do the same. Migrations that only the database knows are left
 * alone: a newer version of the service has been here. One that raises the minimum generation has older nodes stop first.
 * @throws MigrationError naming the migration that failed, and nothing has changed then; that was edited after it was
 * applied; or by which the database is too new for this code.
 */
export async function migrate(url: string, options: MigrateOptions): Promise<readonly string[]> {
  const { log, folder = migrationsFolder, generation = schemaGeneration, waitMs = defaultWaitMs } = options;
  const list = await readMigrations(folder);
  const client = new pg.Client({ connectionString: url, fallback_application_name: 'tidings migrations' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    if (missingFrom(await historyOf(client), list, generation).length === 0) return [];
    await client.query('select pg_advisory_lock($1)', [migrationLockKey]);
    // Whoever had the lock may have done the work.
    const history = await historyOf(client);
    const missing = missingFrom(history, list, generation);
    if (missing.length === 0) return [];
    const raised = minimumAfter(missing, history.minimum);
    if (raised !== undefined && raised.generation > generation) throw new MigrationError(tooOld(raised, generation));

    const { applyMigrations } = await import('./apply-migrations.ts');
    const apply = async () =>
      applyMigrations(client, list, await readFile(schemaFile, 'utf8'), async () => {
        if (raised !== undefined) await writeMinimum(client, raised);
      });
    const applied = await (raised === undefined || history.done.size === 0
      ? apply()
      : afterOlderNodes(client, { raised, before: history.minimum, log, waitMs }, apply));
    log.info({ migrations: applied }, 'database migrated');
    return applied;
  } finally {
    await client.end();
  }
}

type Migration = MigrationList['migrationDirectories'][number];

interface History {
  /** The checksums of what is applied, by name. */
  readonly done: ReadonlyMap<string, string>;
  readonly minimum: MinimumGeneration | undefined;
}

async function historyOf(client: pg.Client): Promise<History> {
  const { rows: tables } = await client.query<{ exists: boolean }>(
    `select to_regclass('_prisma_migrations') is not null and to_regclass('settings') is not null as exists`,
  );
  if (tables[0]?.exists !== true) return { done: new Map(), minimum: undefined };
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  );
  const { rows: states } = await client.query<Pick<SchemaState, 'minimum' | 'is_migrating'>>(
    `select (select value from settings where key = $1) as minimum, ${isMigratingSql} as is_migrating`,
    [minimumKey],
  );
  const done = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  const minimum = states[0] && minimumOf({ ...states[0], applied: [...done.keys()] });
  return { done, minimum };
}

/** The migrations that are not applied. @throws MigrationError when this code does not fit what is. */
function missingFrom({ done, minimum }: History, list: MigrationList, generation: number): Migration[] {
  if (minimum !== undefined && generation < minimum.generation) throw new MigrationError(tooOld(minimum, generation));
  const edited = list.migrationDirectories.find(
    (migration) => done.has(migration.path) && done.get(migration.path) !== checksumOf(scriptOf(migration)),
  );
  if (edited !== undefined) {
    throw new MigrationError(
      `The migration ${edited.path} is not the one that the database has applied: its text was changed since. Put it back as it was, and make a new migration for what has to change.`,
    );
  }
  return list.migrationDirectories.filter(({ path }) => !done.has(path));
}

/** The minimum that the migrations raise it to; undefined when none does. */
function minimumAfter(
  migrations: readonly Migration[],
  before: MinimumGeneration | undefined,
): MinimumGeneration | undefined {
  let raised: MinimumGeneration | undefined;
  for (const migration of migrations) {
    const generation = raisedMinimum(scriptOf(migration));
    if (generation !== undefined && generation > ((raised ?? before)?.generation ?? 0)) {
      raised = { generation, migration: migration.path };
    }
  }
  return raised;
}

/** Has older nodes stop before `work`; when it fails they go on. */
async function afterOlderNodes<Result>(
  client: pg.Client,
  {
    raised,
    before,
    ...waiting
  }: {
    readonly raised: MinimumGeneration;
    readonly before: MinimumGeneration | undefined;
    readonly log: Pick<Logger, 'info'>;
    readonly waitMs: number;
  },
  work: () => Promise<Result>,
): Promise<Result> {
  await writeMinimum(client, raised);
  try {
    await olderNodesStopped(client, raised, waiting);
    return await work();
  } catch (error) {
    await writeMinimum(client, before).catch(() => undefined);
    throw error;
  }
}
