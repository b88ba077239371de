import type { Sql } from '../../database/sql.ts';
import type { UserColumn } from '../columns.ts';

/** Maximum number of column sets with a prepared statement. Callers choose the columns, so the number is bounded. */
const maxPrepared = 50;
const prepared = new Map<string, Omit<Sql, 'values'>>();

/**
 * Reads these columns of users by id. Measured by bench `graphql-list-with-users`. Callers choose the columns,
 * so there is one prepared statement per column set.
 */
export function usersOf(ids: readonly string[], columns: readonly UserColumn[]): Sql {
  return { ...statementFor(columns), values: [ids] };
}

function statementFor(columns: readonly UserColumn[]): Omit<Sql, 'values'> {
  const key = columns.join();
  const existing = prepared.get(key);
  if (existing) return existing;
  // The subselect hides the array's length from the planner, which would otherwise plan short lists at each execution.
  const text = `select ${columns.join(', ')} from users where id = any (array(select unnest($1::uuid[])))`;
  if (prepared.size >= maxPrepared) return { text };
  const named = { text, name: `users_of_${prepared.size}` };
  prepared.set(key, named);
  return named;
}
