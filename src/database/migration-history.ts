import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { isMigratingSql, type MinimumGeneration, minimumKey, minimumOf, type SchemaState } from './compatibility.ts';
import { type Migration, MigrationError } from './migrations.ts';

/** The migrations in Prisma's table `_prisma_migrations`, and the minimum generation. */
export interface History {
  /** Whether the table exists; without it the database is new. */
  readonly hasHistory: boolean;
  /** Checksums of the applied migrations, by name. */
  readonly applied: ReadonlyMap<string, string>;
  /** Migrations that were begun and neither finished nor rolled back, by name. */
  readonly begun: ReadonlyMap<string, BegunMigration>;
  readonly minimum: MinimumGeneration | undefined;
}

export interface BegunMigration {
  /** The key of its row. */
  readonly id: string;
  readonly started_at: string;
  /** The error that ended it, or null. */
  readonly logs: string | null;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly checksum: string;
  readonly started_at: string;
  readonly logs: string | null;
  readonly is_finished: boolean;
}

/** Reads the current history. */
export async function readHistory(client: pg.Client): Promise<History> {
  const { rows: tables } = await client.query<{ has_history: boolean; has_settings: boolean }>(
    `select to_regclass('_prisma_migrations') is not null as has_history,
            to_regclass('settings') is not null as has_settings`,
  );
  const { has_history: hasHistory = false, has_settings: hasSettings = false } = tables[0] ?? {};
  if (!hasHistory) return { hasHistory, applied: new Map(), begun: new Map(), minimum: undefined };
  const { rows } = await client.query<Row>(
    `select id, migration_name as name, checksum, started_at::text, logs, finished_at is not null as is_finished
     from _prisma_migrations where rolled_back_at is null order by started_at`,
  );
  const applied = new Map(rows.filter((row) => row.is_finished).map((row) => [row.name, row.checksum]));
  const begun = rows.filter((row) => !row.is_finished && !applied.has(row.name));
  return {
    hasHistory,
    applied,
    begun: new Map(begun.map(({ id, name, started_at, logs }) => [name, { id, started_at, logs }])),
    minimum: hasSettings ? await readMinimum(client, [...applied.keys()]) : undefined,
  };
}

async function readMinimum(client: pg.Client, applied: readonly string[]): Promise<MinimumGeneration | undefined> {
  const { rows } = await client.query<Pick<SchemaState, 'minimum' | 'is_migrating'>>(
    `select (select value from settings where key = $1) as minimum, ${isMigratingSql} as is_migrating`,
    [minimumKey],
  );
  return rows[0] && minimumOf({ ...rows[0], applied });
}

/**
 * Creates the table of the history as Prisma does.
 * @throws MigrationError when the schema is not empty.
 */
export async function createHistory(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(foreignRelationText);
  if (rows[0] !== undefined) {
    throw new MigrationError(
      `The database cannot be migrated: it is not empty (it contains "${rows[0].name}") and has no migration history. Give the service a database of its own.`,
    );
  }
  await client.query(tableText);
}

// Tables of extensions are ignored: they are not user data.
const foreignRelationText = `
  select relname as name from pg_class join pg_namespace n on n.oid = relnamespace
  where nspname = current_schema() and relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not exists (
    select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e'
  )
  order by relkind in ('r', 'p') desc, 1 limit 1`;

const tableText = `
  create table _prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
  )`;

/** Identifies the open transaction, to detect a migration that ends the transaction. */
export interface TransactionMark {
  readonly transaction: string;
  readonly started_at: string;
}

/** To be called before a migration; the result is passed to `recordApplied`. */
export async function markTransaction(client: pg.Client): Promise<TransactionMark> {
  const { rows } = await client.query<TransactionMark>(
    `select pg_current_xact_id()::text as transaction, clock_timestamp()::text as started_at`,
  );
  return rows[0] as TransactionMark;
}

/** Records a migration as applied if the marked transaction is still open; returns whether it is. */
export async function recordApplied(
  client: pg.Client,
  { name, checksum }: Migration,
  { transaction, started_at }: TransactionMark,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     select $1, $2, $3, $4::timestamptz, clock_timestamp(), 1 where pg_current_xact_id()::text = $5`,
    [randomUUID(), checksum, name, started_at, transaction],
  );
  return rowCount === 1;
}

/** Records that a migration begins, for the first time or again; returns the key of its row. */
export async function recordBegun(
  client: pg.Client,
  { name, checksum }: Migration,
  before: BegunMigration | undefined,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into _prisma_migrations (id, checksum, migration_name, started_at) values ($1, $2, $3, clock_timestamp())
     on conflict (id) do update
     set checksum = excluded.checksum, started_at = excluded.started_at, logs = null, applied_steps_count = 0
     returning id`,
    [before?.id ?? randomUUID(), checksum, name],
  );
  return rows[0]?.id ?? '';
}

/** Records the error of a migration that was begun. */
export async function recordFailed(client: pg.Client, id: string, logs: string): Promise<void> {
  await client.query('update _prisma_migrations set logs = $2 where id = $1', [id, logs]);
}

/** Records that a migration that was begun is applied. */
export async function recordFinished(client: pg.Client, id: string): Promise<void> {
  await client.query(
    'update _prisma_migrations set finished_at = clock_timestamp(), applied_steps_count = 1, logs = null where id = $1',
    [id],
  );
}
