import type { Logger } from 'pino';
import { applyStep, Deadlock, type MigrationStep } from './apply-migrations.ts';
import { type MinimumGeneration, raisedMinimum, schemaGeneration, tooOld } from './compatibility.ts';
import { type History, readHistory } from './migration-history.ts';
import { type MigrationSession, openMigrationSession } from './migration-session.ts';
import { type Migration, MigrationError, migrationsFolder, readMigrations } from './migrations.ts';
import { runAfterOlderNodes } from './minimum.ts';

/** Milliseconds to wait for older nodes to stop before a migration that they are not compatible with. */
const defaultWaitMs = 60_000;
/** Maximum number of tries when a migration ends in a deadlock. */
const maxTries = 5;

export interface MigrateOptions {
  readonly log: Pick<Logger, 'info'>;
  readonly folder?: string;
  /** The schema generation of this code; default: `schemaGeneration`. */
  readonly generation?: number;
  /** Milliseconds to wait for older nodes to stop, if a migration requires it. Default: 60,000. */
  readonly waitMs?: number;
}

/**
 * Applies the missing migrations, records them in Prisma's history, and returns their names. Consecutive transactional
 * migrations share one transaction. Safe to run on several nodes at once, and again after a node was killed. Migrations
 * in the history that this code does not have come from a newer version; they are ignored if the stored minimum
 * generation permits this code. Before a migration that raises the minimum, waits until older nodes have stopped.
 * @throws MigrationError naming the migration that failed, that was edited after it was applied, that `prisma migrate`
 * began and did not finish, or that made the database too new for this code.
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
        log.info({ reason: error.message }, 'retrying the migration after a deadlock');
        // Another session may wait for the lock in a statement, as `prisma migrate` does, while the migration waits for
        // that statement to end. Releasing the lock lets it end.
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

/** Applies the missing migrations. The session must hold the lock. */
async function applyMissing(
  session: MigrationSession,
  { migrations, generation, log, waitMs, onApplied }: Work,
): Promise<void> {
  // The previous holder of the lock may have applied them, so the history is read again.
  const history = await readHistory(session.client);
  const missing = missingFrom(history, migrations, generation);
  refuseBegun(history, missing);
  const steps = stepsOf(missing, history.minimum);
  const last = steps.findLast(({ raised }) => raised !== undefined)?.raised;
  if (last !== undefined && last.generation > generation) throw new MigrationError(tooOld(last, generation));

  let { hasHistory, minimum: before } = history;
  let isNew = history.applied.size === 0;
  for (const step of steps) {
    const { raised } = step;
    const apply = () => applyStep(session, step, { hasHistory, begun: history.begun });
    // A new database has no nodes to wait for, and no table to store the minimum in.
    await (raised === undefined || isNew
      ? apply()
      : runAfterOlderNodes(session.client, raised, { before, log, waitMs }, apply));
    for (const { name } of step.migrations) onApplied(name);
    before = raised ?? before;
    hasHistory = true;
    isNew = false;
  }
}

/** The migrations that are not applied. @throws MigrationError when this code does not fit the applied ones. */
function missingFrom(
  { applied, minimum }: History,
  migrations: readonly Migration[],
  generation: number,
): readonly Migration[] {
  if (minimum !== undefined && generation < minimum.generation) throw new MigrationError(tooOld(minimum, generation));
  const edited = migrations.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum);
  if (edited !== undefined) {
    throw new MigrationError(
      `The migration ${edited.name} was changed after it was applied. Restore its text, and write a new migration for the change.`,
    );
  }
  return migrations.filter(({ name }) => !applied.has(name));
}

/**
 * Refuses transactional migrations that are recorded as begun but not finished. Only `prisma migrate` records the start
 * of such a migration. If it fails or is killed, only an operator can find out whether the changes were made.
 */
function refuseBegun({ begun }: History, missing: readonly Migration[]): void {
  for (const { name, isTransactional } of missing) {
    const row = begun.get(name);
    if (row === undefined || !isTransactional) continue;
    const reason = row.logs === null || row.logs === '' ? '' : ` Its error: ${row.logs.trim()}`;
    throw new MigrationError(
      `The migration ${name} was begun by another tool at ${row.started_at} and not finished. If its changes are in the database, run \`prisma migrate resolve --applied ${name}\`, else \`prisma migrate resolve --rolled-back ${name}\`, and start again.${reason}`,
    );
  }
}

/** Groups the migrations into steps, in order. @param minimum the minimum before the first step */
function stepsOf(missing: readonly Migration[], minimum: MinimumGeneration | undefined): readonly MigrationStep[] {
  const groups: [Migration, ...Migration[]][] = [];
  for (const migration of missing) {
    const group = groups.at(-1);
    if (group?.[0].isTransactional === true && migration.isTransactional) group.push(migration);
    else groups.push([migration]);
  }
  let current = minimum?.generation ?? 0;
  return groups.map((migrations) => {
    let raised: MinimumGeneration | undefined;
    for (const { name, script } of migrations) {
      const generation = raisedMinimum(script);
      if (generation === undefined || generation <= current) continue;
      current = generation;
      raised = { generation, migration: name };
    }
    return { migrations, raised };
  });
}
