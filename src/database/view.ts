import { isMigratingSql, minimumKey, type SchemaState } from './compatibility.ts';
import type { Queryable } from './database.ts';
import { fingerprintSql, type GuardedPart } from './fingerprint.ts';
import { type IdentityRows, identityColumns } from './identity.ts';
import { nodeLockClass } from './lock-keys.ts';

/** The result of one check of the database. */
export interface DatabaseView extends SchemaState, IdentityRows {
  readonly is_read_only: boolean;
  /** Number of nodes that may write, including this one. */
  readonly nodes: number;
  /** Whether a node of a version without minimum generations is connected; such nodes hold no lock. */
  readonly has_old_nodes: boolean;
}

/** Reads the view in one statement. @param hidden the parts of the fingerprint that cannot be read. */
export async function readView(db: Queryable, hidden: readonly GuardedPart[]): Promise<DatabaseView> {
  const [view] = await db.query<DatabaseView>({ text: viewText(hidden), values: [] });
  if (view === undefined) throw new Error('The database returned no row.');
  return view;
}

/** The `application_name` of versions without minimum generations. */
const oldNodesName = 'tidings';

const viewText = (hidden: readonly GuardedPart[]) => `
  select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as is_read_only,
    (select value from settings where key = '${minimumKey}') as minimum,
    array(
      select migration_name::text from _prisma_migrations where finished_at is not null and rolled_back_at is null
    ) as applied,
    ${isMigratingSql} as is_migrating,
    (
      select count(distinct pid)::int from pg_locks
      where locktype = 'advisory' and classid = ${nodeLockClass} and granted
        and database = (select oid from pg_database where datname = current_database())
    ) as nodes,
    exists (
      select from pg_stat_activity where datname = current_database() and application_name = '${oldNodesName}'
    ) as has_old_nodes,
    ${identityColumns((transaction) => fingerprintSql(hidden, transaction))}`;
