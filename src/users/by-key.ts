import type { User } from '../generated/prisma/client.ts';
import { columnNames } from './columns.ts';
import type { UserMethods } from './sql/methods.ts';

export type { UserColumn } from './columns.ts';

/** A user as Prisma returns it. */
export type UserRecord = User;

/**
 * Reads these columns of the users with these ids in one statement. The id is always included; the other properties of
 * the records are undefined.
 */
export async function usersOf(
  prisma: UserMethods,
  ids: readonly string[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, UserRecord>> {
  if (ids.length === 0) return new Map();
  const chosen = columnNames.filter((column) => column === 'id' || columns.includes(column));
  const rows = await prisma.user.ofList(ids, chosen);
  const hasLastAccess = chosen.includes('last_access');
  return new Map(rows.map((row) => [row.id, hasLastAccess ? withLastAccess(row) : row]));
}

/** Converts `lastAccess` to a `Date`, as Prisma returns it. */
function withLastAccess(row: UserRecord & { lastAccess?: unknown }): UserRecord {
  const { lastAccess } = row;
  return typeof lastAccess === 'string' ? { ...row, lastAccess: new Date(lastAccess) } : row;
}
