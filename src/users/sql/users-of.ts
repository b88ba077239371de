import type { Sql } from '../../database/sql.ts';
import { properties, type UserColumn } from '../columns.ts';

/** Choices of columns whose statement connections are asked to prepare: callers decide how many there are. */
const preparedMax = 50;
const prepared = new Map<string, Omit<Sql, 'values'>>();

/** These columns of the users of a list. Bench `graphql-list-with-users`: prepared once for each choice of columns. */
export function usersOf(ids: readonly string[], columns: readonly UserColumn[]): Sql {
  return { ...statementFor(columns), values: [ids] };
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
