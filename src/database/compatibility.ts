/**
 * Which code may write a database. Migrations expand in one release and contract in a later one, so code works on every
 * schema that is newer than its own until a migration says otherwise: it raises the minimum to a generation, which its
 * first lines tell as `-- minimum-generation: 2`, and the code that brings it has that generation or a later one.
 */
export const schemaGeneration = 1;

/** The least generation of code that may write a database, and the migration that said so. */
export interface MinimumGeneration {
  readonly generation: number;
  readonly migration: string;
}

/** The row of `settings` with the `MinimumGeneration`; a database without one admits all. */
export const minimumKey = 'minimum_generation';

/**
 * The class of the shared advisory locks that nodes hold while they may write, each on the generation of its code: a
 * migration that raises the minimum waits until those below are free.
 */
export const nodeLockClass = 7_461_004;

/** The generation that a migration raises the minimum to, or undefined. @throws Error when it says so and no number. */
export function raisedMinimum(script: string): number | undefined {
  const [line] = /^--\s*minimum-generation\b.*$/m.exec(script) ?? [];
  if (line === undefined) return undefined;
  const generation = Number(/:\s*(\d+)\s*$/.exec(line)?.[1]);
  if (!Number.isSafeInteger(generation)) throw new Error(`"${line}" must name a generation, such as 2.`);
  return generation;
}

/** The stored minimum, whatever is stored: what is none admits all. */
function toMinimum(stored: unknown): MinimumGeneration | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { generation, migration } = stored as Partial<Record<string, unknown>>;
  return typeof generation === 'number' && typeof migration === 'string' ? { generation, migration } : undefined;
}

/** What the database says, and the migrations that it has finished. */
export interface SchemaState {
  readonly minimum: unknown;
  readonly applied: readonly string[];
  /** Whether another session applies migrations now. */
  readonly is_migrating: boolean;
}

/** The lock that Prisma's engine takes, also behind `prisma migrate deploy`: the two exclude each other. */
export const migrationLockKey = 72_707_369;

/** SQL: whether another session applies migrations now. */
export const isMigratingSql = `exists (
  select from pg_locks
  where locktype = 'advisory' and classid = 0 and objid = ${migrationLockKey} and objsubid = 1 and granted
    and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())
)`;

/**
 * The minimum that holds now. It is said before its migration is applied, and then only for as long as somebody is about
 * to apply it: whoever was killed meanwhile must not leave a database that no version may write.
 */
export function minimumOf({ minimum, applied, is_migrating }: SchemaState): MinimumGeneration | undefined {
  const said = toMinimum(minimum);
  return said !== undefined && (is_migrating || applied.includes(said.migration)) ? said : undefined;
}

/**
 * Why code may not write this database, in a sentence, or undefined when it may.
 * @param code its generation, and the migrations it needs.
 */
export function unfitness(
  state: SchemaState,
  { generation, migrations }: { readonly generation: number; readonly migrations: readonly string[] },
): string | undefined {
  const least = minimumOf(state);
  if (least !== undefined && generation < least.generation) return tooOld(least, generation);
  const missing = migrations.find((name) => !state.applied.includes(name));
  if (missing === undefined) return undefined;
  return `The database lacks the migration ${missing}, which this version of Tidings needs: restart it, and it is applied.`;
}

/** That code is too old for the database, naming both. */
export function tooOld({ generation: least, migration }: MinimumGeneration, generation: number): string {
  return `The database takes writes from versions of Tidings with schema generation ${least} or later since its migration ${migration}, and this version has generation ${generation}: start a newer version, or restore a backup from before that migration.`;
}
