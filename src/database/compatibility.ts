import { lockKeys } from './lock-keys.ts';

/**
 * The schema generation of this code. A database stores the minimum generation of the code that may write to it.
 * Migrations expand in one release and contract in a later one, so code works on every newer schema, until a migration
 * raises the minimum: its first lines contain `-- minimum-generation: 2`. The release with that migration has
 * generation 2 or a later one.
 */
export const schemaGeneration = 1;

/** The lowest generation of code that may write to a database, and the migration that set it. */
export interface MinimumGeneration {
  readonly generation: number;
  readonly migration: string;
}

/** The key in `settings` of the `MinimumGeneration`; without this row, code of any generation may write. */
export const minimumKey = 'minimum_generation';

/** The generation to which a migration raises the minimum, or undefined. @throws Error when the line has no number. */
export function raisedMinimum(script: string): number | undefined {
  const [line] = /^--\s*minimum-generation\b.*$/m.exec(script) ?? [];
  if (line === undefined) return undefined;
  const generation = Number(/:\s*(\d+)\s*$/.exec(line)?.[1]);
  if (!Number.isSafeInteger(generation)) throw new Error(`"${line}" must name a generation, such as 2.`);
  return generation;
}

/** Reads a stored value as a minimum; undefined (no minimum) if it is not one. */
function toMinimum(stored: unknown): MinimumGeneration | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { generation, migration } = stored as Partial<Record<string, unknown>>;
  return typeof generation === 'number' && typeof migration === 'string' ? { generation, migration } : undefined;
}

/** The stored value of the minimum, and the names of the finished migrations. */
export interface SchemaState {
  readonly minimum: unknown;
  readonly applied: readonly string[];
  /** Whether another session applies migrations now. */
  readonly is_migrating: boolean;
}

/** SQL: whether another session applies migrations now. */
export const isMigratingSql = `exists (
  select from pg_locks
  where locktype = 'advisory' and classid = 0 and objid = ${lockKeys.migrations} and objsubid = 1 and granted
    and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())
)`;

/**
 * The minimum that applies now. It is stored before its migration runs. Until the migration is finished, it applies
 * only while a session is applying migrations: a session killed halfway must not leave a database that no version may
 * write to.
 */
export function minimumOf({ minimum, applied, is_migrating }: SchemaState): MinimumGeneration | undefined {
  const stored = toMinimum(minimum);
  return stored !== undefined && (is_migrating || applied.includes(stored.migration)) ? stored : undefined;
}

/**
 * The reason, as a sentence, why code may not write to this database; undefined when it may.
 * @param code the generation of the code, and the migrations it needs.
 */
export function incompatibilityOf(
  state: SchemaState,
  { generation, migrations }: { readonly generation: number; readonly migrations: readonly string[] },
): string | undefined {
  const minimum = minimumOf(state);
  if (minimum !== undefined && generation < minimum.generation) return tooOld(minimum, generation);
  const missing = migrations.find((name) => !state.applied.includes(name));
  if (missing === undefined) return undefined;
  return `The database lacks the migration ${missing}, which this version of Tidings needs: restart it to apply the migration.`;
}

/** The message for code that is too old for the database; names both generations. */
export function tooOld({ generation: minimum, migration }: MinimumGeneration, generation: number): string {
  return `The database accepts writes only from versions of Tidings with schema generation ${minimum} or later since its migration ${migration}, and this version has generation ${generation}: start a newer version, or restore a backup from before that migration.`;
}
