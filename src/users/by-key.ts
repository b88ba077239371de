import type { User } from '../generated/prisma/client.ts';
import { columnNames } from './columns.ts';
import type { UserMethods } from './sql/methods.ts';

export type { UserColumn } from './columns.ts';

/** A user as Prisma gives it. */
export type UserRecord = User;

/**
 * These columns of the users with these ids, by id, in one statement; the id always comes along. The other properties of a
 * record are not there.
 */
export async function usersOf(
  prisma: UserMethods,
  ids: readonly string[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, UserRecord>> {
  if (ids.length === 0) return new Map();
  const chosen = columnNames.filter((column) => column === 'id' || columns.includes(column));
  const rows = await prisma.user.ofList(ids, chosen);
  const isTimed = chosen.includes('last_access');
  return new Map(rows.map((row) => [row.id, isTimed ? withTime(row) : row]));
}

/** As Prisma has it: a time is a `Date`. */
function withTime(row: UserRecord & { lastAccess?: unknown }): UserRecord {
  const { lastAccess } = row;
  return typeof lastAccess === 'string' ? { ...row, lastAccess: new Date(lastAccess) } : row;
}
