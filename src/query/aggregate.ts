import type { Queryable } from '../database/database.ts';
import type { ListArguments, QueryScope } from './scope.ts';

export type AggregateOperation =
  | 'count'
  | 'countDistinct'
  | 'sum'
  | 'sumDistinct'
  | 'avg'
  | 'avgDistinct'
  | 'min'
  | 'max';

/** What to compute over which groups; without `groupBy` there is one group of everything. */
export interface AggregateRequest {
  readonly groupBy: readonly string[];
  /** `field` is `*` only for `count`. */
  readonly aggregates: readonly { readonly operation: AggregateOperation; readonly field: string }[];
}

/** One group; `values` has the key `operation.field`. Counts, sums and averages are text as PostgreSQL prints them. */
export interface AggregateRow {
  readonly group: Readonly<Record<string, unknown>>;
  readonly values: ReadonlyMap<string, string | number | null>;
}

/** Computes aggregates over the rows the arguments choose, one row per group. */
export async function aggregate(
  _db: Queryable,
  _scope: QueryScope,
  _request: AggregateRequest,
  _args: ListArguments,
): Promise<AggregateRow[]> {
  throw new Error('not there yet');
}
