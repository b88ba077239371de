import type { Sql } from '../database/database.ts';
import type { ListArguments, QueryScope } from './scope.ts';

export type { ListArguments, QueryScope } from './scope.ts';

/** The page of rows the arguments choose, as those table columns. */
export function listStatement(_scope: QueryScope, _columns: readonly string[], _args: ListArguments): Sql {
  throw new Error('not there yet');
}

/** The primary keys of the page of rows the arguments choose. */
export function keysStatement(_scope: QueryScope, _args: ListArguments): Sql {
  throw new Error('not there yet');
}

/** How many rows the filter and the search choose; answers one row `{ count: number }`. */
export function countStatement(_scope: QueryScope, _args: ListArguments): Sql {
  throw new Error('not there yet');
}
