import { untraced } from '../database/trace-prisma.ts';
import type { GraphQLContext } from '../schema/context.ts';

/** A table whose rows can be listed. */
export type Table = 'notifications' | 'users';

/** Milliseconds for which the count of a table is cached. */
const cacheMs = 10_000;
/** Maximum number of rows counted in a table. */
const maxCounted = 200_000;

const tables = new WeakMap<object, Map<string, { readonly rows: Promise<number>; readonly until: number }>>();

/**
 * An upper bound for the rows of an unlimited list: the table's row count if it is small enough, which is usually
 * cached; otherwise the number of rows that `read` finds, at most `atMost` + 1.
 */
export async function boundRows(
  context: GraphQLContext,
  table: Table,
  atMost: number,
  read: (limit: number) => Promise<readonly unknown[]>,
): Promise<number> {
  const rows = await rowsOfTable(context.prisma, table);
  if (rows <= atMost) return rows;
  const { queryMax } = context.limits;
  return (await read(Math.min(atMost + 1, queryMax ?? atMost + 1))).length;
}

function rowsOfTable(prisma: GraphQLContext['prisma'], table: Table): Promise<number> {
  const client = untraced(prisma);
  const counts = tables.get(client) ?? new Map();
  tables.set(client, counts);
  const cached = counts.get(table);
  if (cached && cached.until > Date.now()) return cached.rows;
  const take = maxCounted + 1;
  const counted = table === 'users' ? prisma.user.count({ take }) : prisma.notification.count({ take });
  const rows = counted.then((count) => (count <= maxCounted ? count : Number.POSITIVE_INFINITY));
  // A failure is not cached, so that the next call retries.
  rows.catch(() => counts.delete(table));
  counts.set(table, { rows, until: Date.now() + cacheMs });
  return rows;
}
