import type { Logger } from 'pino';
import { applyStep, Deadlock, type MigrationStep } from './apply-migrations.ts';
import { type MinimumGeneration, raisedMinimum, schemaGeneration, tooOld } from './compatibility.ts';
import { type History, readHistory } from './migration-history.ts';
import { type MigrationSession, openMigrationSession } from './migration-session.ts';
import { type Migration, MigrationError, migrationsFolder, readMigrations } from './migrations.ts';
import { afterOlderNodes } from './minimum.ts';

/** How long older nodes have to stop, before a migration that they cannot work with. */
const defaultWaitMs = 60_000;
/** How often it is tried in all when the database finds a deadlock. */
const maxTries = 5;

export interface MigrateOptions {
  readonly log: Pick<Logger, 'info'>;
  readonly folder?: string;
  /** Of this code; left out: as it is. */
  readonly generation?: number;
  /** How long older nodes are waited for, where a migration needs them to stop. */
  readonly waitMs?: number;
}

/**
 * Applies the migrations the database lacks, in the history that `prisma migrate` keeps, and returns their names. Those
 * that run in a transaction and follow each other share one: all of them or none. Safe while other nodes do the same,
 * and after one was killed. Migrations that only the database knows are left alone while the minimum generation that it
 * holds admits this code: a newer version of the service has been here. A migration that raises the minimum has older
 * nodes stop first.
 * @throws MigrationError naming the migration that failed; that was edited after it was applied; that `prisma migrate`
 * has begun and not finished; or by which the database is too new for this code.
 */
export async function migrate(url: string, options: MigrateOptions): Promise<readonly string[]> {
  const { log, folder = migrationsFolder, generation = schemaGeneration, waitMs = defaultWaitMs } = options;
  const migrations = await readMigrations(folder);
  const session = await openMigrationSession(url);
  const applied: string[] = [];
  try {
    if (missingFrom(await readHistory(session.client), migrations, generation).length === 0) return [];
    for (let isDone = false, tries = 1; !isDone; tries += 1) {
      await session.lock(log);
      try {
        await applyMissing(session, { migrations, generation, log, waitMs, onApplied: (name) => applied.push(name) });
        isDone = true;
      } catch (error) {
        if (!(error instanceof Deadlock) || tries === maxTries) throw error;
        log.info({ reason: error.message }, 'migrating the database is tried again');
        // Whoever waits for the lock in a statement, as `prisma migrate` does, gets it, and nobody waits for that statement.
        await session.unlock();
      }
    }
    if (applied.length > 0) log.info({ migrations: applied }, 'database migrated');
    return applied;
  } finally {
    await session.end();
  }
}

interface Work {
  readonly migrations: readonly Migration[];
  readonly generation: number;
  readonly log: Pick<Logger, 'info'>;
  readonly waitMs: number;
  readonly onApplied: (name: string) => void;
}

/** Applies what is missing, on a session that has the lock. */
async function applyMissing(
  session: MigrationSession,
  { migrations, generation, log, waitMs, onApplied }: Work,
): Promise<void> {
  // Whoever had the lock may have done the work.
  const history = await readHistory(session.client);
  const missing = missingFrom(history, migrations, generation);
  refuseBegun(history, missing);
  const steps = stepsOf(missing, history.minimum);
  const last = steps.findLast(({ raised }) => raised !== undefined)?.raised;
  if (last !== undefined && last.generation > generation) throw new MigrationError(tooOld(last, generation));

  let { isRecorded, minimum: before } = history;
  let isNew = history.applied.size === 0;
  for (const step of steps) {
    const { raised } = step;
    const apply = () => applyStep(session, step, { isRecorded, begun: history.begun });
    // Nobody works on a new database, and there is no place yet for the minimum.
    await (raised === undefined || isNew
      ? apply()
      : afterOlderNodes(session.client, raised, { before, log, waitMs }, apply));
    for (const { name } of step.migrations) onApplied(name);
    before = raised ?? before;
    isRecorded = true;
    isNew = false;
  }
}

/** The migrations that are not applied. @throws MigrationError when this code does not fit what is. */
function missingFrom(
  { applied, minimum }: History,
  migrations: readonly Migration[],
  generation: number,
): readonly Migration[] {
  if (minimum !== undefined && generation < minimum.generation) throw new MigrationError(tooOld(minimum, generation));
  const edited = migrations.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum);
  if (edited !== undefined) {
    throw new MigrationError(
      `The migration ${edited.name} is not the one that the database has applied: its text was changed since. Put it back as it was, and make a new migration for what has to change.`,
    );
  }
  return migrations.filter(({ name }) => !applied.has(name));
}

/**
 * Only `prisma migrate` notes that a migration begins which runs in a transaction, and when it fails or is killed then
 * nobody but an operator can tell whether the changes are there.
 */
function refuseBegun({ begun }: History, missing: readonly Migration[]): void {
  for (const { name, isTransactional } of missing) {
    const row = begun.get(name);
    if (row === undefined || !isTransactional) continue;
    const reason = row.logs === null || row.logs === '' ? '' : ` It said: ${row.logs.trim()}`;
    throw new MigrationError(
      `The migration ${name} was begun by another tool at ${row.startedAt} and not finished. If its changes are in the database, run \`prisma migrate resolve --applied ${name}\`, else \`prisma migrate resolve --rolled-back ${name}\`, and start again.${reason}`,
    );
  }
}

/** What is applied at once, in order, given the minimum that holds before. */
function stepsOf(missing: readonly Migration[], minimum: MinimumGeneration | undefined): readonly MigrationStep[] {
  const groups: [Migration, ...Migration[]][] = [];
  for (const migration of missing) {
    const group = groups.at(-1);
    if (group?.[0].isTransactional === true && migration.isTransactional) group.push(migration);
    else groups.push([migration]);
  }
  let least = minimum?.generation ?? 0;
  return groups.map((migrations) => {
    let raised: MinimumGeneration | undefined;
    for (const { name, script } of migrations) {
      const generation = raisedMinimum(script);
      if (generation === undefined || generation <= least) continue;
      least = generation;
      raised = { generation, migration: name };
    }
    return { migrations, raised };
  });
}
