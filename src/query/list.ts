import { sql } from 'kysely';
import type { Sql } from '../database/sql.ts';
import { bindPage, fromClause, orderClause, pageClause, whereClause } from './clauses.ts';
import { sortable } from './compile.ts';
import { createDraft } from './draft.ts';
import { columnOf, rootAlias } from './operand.ts';
import { parsePage } from './paging.ts';
import { chosenRows } from './rows.ts';
import type { ListArguments, QueryScope } from './scope.ts';
import { finish } from './shapes.ts';
import { parseSort } from './sort.ts';

export type { ListArguments, QueryScope } from './scope.ts';

/**
 * The page of rows the arguments choose, as those table columns, in a stable order.
 * A viewer who may see no row at all gets none; whether to refuse him instead is for the noun to say.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for everything else that is wrong.
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

/** The primary keys of the page of rows the arguments choose, for a write by query; otherwise as `listStatement`. */
export function keysStatement(scope: QueryScope, args: ListArguments): Sql {
  return listStatement(scope, [columnOf(scope.collection, scope.collection.primaryKey)], args);
}

/**
 * How many rows the filter and the search choose, whatever their order and page; answers one row `{ count: number }`.
 * @throws ServiceError FORBIDDEN and INVALID_QUERY as `listStatement`.
 */
export function countStatement(scope: QueryScope, args: ListArguments): Sql {
  const draft = createDraft(scope);
  draft.mark('#');
  const conditions = chosenRows(draft, args);
  return finish(draft, () => sql`select count(*) as "count"${fromClause(draft)}${whereClause(conditions)}`);
}
