import type pg from 'pg';
import type { MinimumGeneration } from './compatibility.ts';
import {
  type BegunMigration,
  createHistory,
  markTransaction,
  recordApplied,
  recordBegun,
  recordFailed,
  recordFinished,
} from './migration-history.ts';
import type { MigrationSession } from './migration-session.ts';
import { type Migration, MigrationError } from './migrations.ts';
import { writeMinimum } from './minimum.ts';

/** Migrations that are applied together. */
export interface MigrationStep {
  /** Either transactional migrations only, or a single one that is not transactional. */
  readonly migrations: readonly [Migration, ...Migration[]];
  /** The minimum generation that these migrations set; undefined: unchanged. */
  readonly raised: MinimumGeneration | undefined;
}

/**
 * PostgreSQL aborted a statement because of a deadlock with a node, or with a session waiting for this session's lock.
 */
export class Deadlock extends MigrationError {}

/**
 * Applies a step. Transactional migrations share one transaction with Prisma's record of them and the minimum, so a
 * kill leaves the database unchanged. A migration that is not transactional is recorded as begun first, so that the
 * next start resumes it.
 * @throws MigrationError naming the migration that failed; Deadlock when a retry may help after releasing the lock.
 */
export async function applyStep(
  session: MigrationSession,
  { migrations, raised }: MigrationStep,
  { hasHistory, begun }: { readonly hasHistory: boolean; readonly begun: ReadonlyMap<string, BegunMigration> },
): Promise<void> {
  const [first] = migrations;
  if (first.isTransactional) {
    await inTransaction(session, async () => {
      if (!hasHistory) await createHistory(session.client);
      for (const migration of migrations) await applyInTransaction(session, migration);
      if (raised !== undefined) await writeMinimum(session.client, raised);
    });
    return;
  }
  if (!hasHistory) await inTransaction(session, () => createHistory(session.client));
  const id = await recordBegun(session.client, first, begun.get(first.name));
  await applyOutsideTransaction(session, first, id);
  await inTransaction(session, async () => {
    await recordFinished(session.client, id);
    if (raised !== undefined) await writeMinimum(session.client, raised);
  });
}

/**
 * Creates the history and applies migrations to an empty schema, in the transaction that is open on the session.
 * @throws MigrationError
 */
export async function applyTogether(session: MigrationSession, migrations: readonly Migration[]): Promise<void> {
  await createHistory(session.client);
  for (const migration of migrations) await applyInTransaction(session, migration);
}

async function inTransaction({ client }: MigrationSession, work: () => Promise<void>): Promise<void> {
  try {
    // Migrations that change data take locks and then read the latest rows. So the isolation level must be read
    // committed.
    await client.query('begin isolation level read committed');
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    if (error instanceof MigrationError) throw error;
    throw new MigrationError(`The database cannot be migrated: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Sends the whole file in one message. PostgreSQL splits it into statements, because it parses quotes and function
 * bodies correctly.
 */
async function applyInTransaction({ client, resetSettings }: MigrationSession, migration: Migration): Promise<void> {
  const mark = await markTransaction(client);
  await client.query(migration.script).catch((cause: unknown) => {
    throw failureOf(migration, cause, ' and was rolled back');
  });
  await resetSettings();
  if (!(await recordApplied(client, migration, mark))) {
    throw new MigrationError(
      `The migration ${migration.name} ends its transaction, so it may be partly applied: remove COMMIT and ROLLBACK from it.`,
    );
  }
}

/**
 * Sends the file as one statement. The extended protocol refuses a file with several statements, which would otherwise
 * run in one transaction.
 */
async function applyOutsideTransaction(
  { client, resetSettings }: MigrationSession,
  migration: Migration,
  id: string,
): Promise<void> {
  await dropInvalidIndex(client, migration);
  // The driver's types lack `queryMode`.
  const statement: pg.QueryConfig & { readonly queryMode: 'extended' } = {
    text: migration.script,
    queryMode: 'extended',
  };
  try {
    await client.query(statement);
  } catch (cause) {
    // The invalid index is dropped, because it would slow down every write and no query uses it.
    await dropInvalidIndex(client, migration).catch(() => undefined);
    await recordFailed(client, id, messageOf(cause)).catch(() => undefined);
    throw failureOf(migration, cause, ', and is tried again at the next start');
  }
  await resetSettings();
}

const identifier = `(?:"(?:[^"]|"")+"|[\\w$]+)`;
const indexPattern = new RegExp(
  `\\bcreate\\s+(?:unique\\s+)?index\\s+concurrently\\s+(?:if\\s+not\\s+exists\\s+)?(${identifier})\\s+on\\s+(?:only\\s+)?(${identifier}(?:\\.${identifier})?)`,
  'i',
);

/** Drops the invalid index that a killed or failed build left; `if not exists` would skip building it. */
async function dropInvalidIndex(client: pg.Client, { script }: Migration): Promise<void> {
  const [, index, table] = indexPattern.exec(script) ?? [];
  if (index === undefined || table === undefined) return;
  const { rows } = await client.query<{ name: string }>(
    `select indexrelid::regclass::text as name from pg_index join pg_class on pg_class.oid = indexrelid
     where relname = (parse_ident($1))[1] and indrelid = to_regclass($2) and not indisvalid`,
    [index, table],
  );
  for (const { name } of rows) await client.query(`drop index concurrently ${name}`);
}

function failureOf({ name }: Migration, cause: unknown, state: string): MigrationError {
  const Kind = (cause as { code?: unknown }).code === '40P01' ? Deadlock : MigrationError;
  return new Kind(`The migration ${name} failed${state}: ${messageOf(cause)}`, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
