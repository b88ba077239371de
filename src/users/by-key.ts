import type { Queryable } from '../database/database.ts';
import type { Sql } from '../database/sql.ts';
import type { User } from '../generated/prisma/client.ts';

/** A user as Prisma gives it. */
export type UserRecord = User;

/** What each column of `users` is called in a record. */
const properties = {
  id: 'id',
  email: 'email',
  username: 'username',
  first_name: 'firstName',
  last_name: 'lastName',
  title: 'title',
  location: 'location',
  description: 'description',
  avatar: 'avatar',
  language: 'language',
  role: 'role',
  status: 'status',
  email_notifications: 'emailNotifications',
  last_access: 'lastAccess',
  password_hash: 'passwordHash',
} as const satisfies Readonly<Record<string, keyof User>>;

/** A column that a field of a user can be made of. */
export type UserColumn = keyof typeof properties;

const columnNames = Object.keys(properties) as UserColumn[];
/** Choices of columns whose statement connections are asked to prepare: callers decide how many there are. */
const preparedMax = 50;
const prepared = new Map<string, Omit<Sql, 'values'>>();

/**
 * These columns of the users with these ids, by id, in one statement; the id always comes along. The other properties of a
 * record are not there.
 */
export async function usersOf(
  db: Queryable,
  ids: readonly string[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, UserRecord>> {
  if (ids.length === 0) return new Map();
  const chosen = columnNames.filter((column) => column === 'id' || columns.includes(column));
  const rows = await db.query<UserRecord & { lastAccess?: unknown }>({ ...statementFor(chosen), values: [ids] });
  const isTimed = chosen.includes('last_access');
  return new Map(rows.map((row) => [row.id, isTimed ? withTime(row) : row]));
}

/** As Prisma has it: a time is a `Date`. */
function withTime(row: UserRecord & { lastAccess?: unknown }): UserRecord {
  const { lastAccess } = row;
  return typeof lastAccess === 'string' ? { ...row, lastAccess: new Date(lastAccess) } : row;
}

function statementFor(columns: readonly UserColumn[]): Omit<Sql, 'values'> {
  const key = columns.join();
  const known = prepared.get(key);
  if (known) return known;
  const selected = columns.map((column) => `${column} as "${properties[column]}"`);
  // The array is not looked into: for few ids the statement would be planned anew every time, which costs more than it.
  const text = `select ${selected.join(', ')} from users where id = any (array(select unnest($1::uuid[])))`;
  if (prepared.size >= preparedMax) return { text };
  const made = { text, name: `users_of_${prepared.size}` };
  prepared.set(key, made);
  return made;
}
