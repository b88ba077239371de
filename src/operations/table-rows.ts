import type { Database } from '../database/database.ts';
import type { GraphQLContext } from '../schema/context.ts';

/** A table whose rows a list can have. */
export type Table = 'notifications' | 'users';

/** How long a count of a whole table is good enough, in milliseconds. */
const countedMs = 10_000;
/** Tables of more rows are not counted to their end. */
const countedMost = 200_000;

const tables = new WeakMap<Database, Map<string, { readonly rows: Promise<number>; readonly until: number }>>();

/**
 * The rows that a list of everything would have: those of the whole table where they are few enough, which is known
 * most of the time, and only otherwise those that `read` chooses, up to one more than may be.
 */
export async function atLeast(
  context: GraphQLContext,
  table: Table,
  atMost: number,
  read: (limit: number) => Promise<readonly unknown[]>,
): Promise<number> {
  const rows = await rowsOfTable(context.db, table);
  if (rows <= atMost) return rows;
  const { queryMax } = context.limits;
  return (await read(Math.min(atMost + 1, queryMax ?? atMost + 1))).length;
}

function rowsOfTable(db: Database, table: string): Promise<number> {
  const counts = tables.get(db) ?? new Map();
  tables.set(db, counts);
  const known = counts.get(table);
  if (known && known.until > Date.now()) return known.rows;
  const rows = db
    .query<{ count: number }>({
      text: `select count(*)::int as count from (select from ${table} limit ${countedMost + 1}) counted`,
      values: [],
    })
    .then(([row]) => (row && row.count <= countedMost ? row.count : Number.POSITIVE_INFINITY));
  // A database that cannot be asked may be asked again.
  rows.catch(() => counts.delete(table));
  counts.set(table, { rows, until: Date.now() + countedMs });
  return rows;
}
