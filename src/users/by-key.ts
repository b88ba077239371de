import type { User } from '../generated/prisma/client.ts';
import { columnNames } from './columns.ts';
import type { ListedUser, UserMethods } from './sql/methods.ts';

export type { UserColumn } from './columns.ts';

/** A user as Prisma returns it. */
export type UserRecord = User;

/**
 * Reads these columns of the users with these ids in one statement. The id is always included; the other fields of
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
  return new Map(rows.map((row) => [row.id, toRecord(row)]));
}

/** Converts the time to a `Date`, as Prisma returns it. */
function toRecord(row: ListedUser): UserRecord {
  const { last_access } = row;
  // The cast is safe: the time is null or was not selected.
  return typeof last_access === 'string' ? { ...row, last_access: new Date(last_access) } : (row as UserRecord);
}
