import { sql } from 'kysely';
import type { Sql } from '../database/sql.ts';
import { bindPage, fromClause, orderClause, pageClause, whereClause } from './clauses.ts';
import { sortable } from './compile.ts';
import { createDraft } from './draft.ts';
import { parsePage } from './paging.ts';
import { columnOf, rootAlias } from './resolve-field.ts';
import { chosenRows } from './row-conditions.ts';
import type { ListArguments, QueryScope } from './scope.ts';
import { finish } from './shapes.ts';
import { parseSort } from './sort.ts';

export type { ListArguments, QueryScope } from './scope.ts';

/**
 * Selects the columns of one page of the matching rows in a stable order. A viewer who may see no rows gets none; the
 * caller decides whether to refuse such a viewer.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for any other invalid argument.
 */
export function listStatement(scope: QueryScope, columns: readonly string[], args: ListArguments): Sql {
  const draft = createDraft(scope);
  draft.mark(`:${columns.join()}`);
  const conditions = chosenRows(draft, args);
  const orders = parseSort(draft, args.sort);
  const page = bindPage(draft, parsePage(scope, args));
  return finish(draft, () => {
    const selected = sql.join(columns.map((column) => sql.ref(`${rootAlias}.${column}`)));
    const chosen = sql`${fromClause(draft)}${whereClause(conditions)}`;
    return sql`select ${selected}${chosen}${orderClause(orders, sortable)}${pageClause(page)}`;
  });
}

/** Selects the primary keys of one page of the matching rows, for a write by query; otherwise like `listStatement`. */
export function keysStatement(scope: QueryScope, args: ListArguments): Sql {
  return listStatement(scope, [columnOf(scope.collection, scope.collection.primaryKey)], args);
}

/**
 * Counts the matching rows, ignoring order and page; returns one row `{ count: number }`.
 * @throws ServiceError FORBIDDEN and INVALID_QUERY like `listStatement`.
 */
export function countStatement(scope: QueryScope, args: ListArguments): Sql {
  const draft = createDraft(scope);
  draft.mark('#');
  const conditions = chosenRows(draft, args);
  return finish(draft, () => sql`select count(*) as "count"${fromClause(draft)}${whereClause(conditions)}`);
}
