import type { QueryRunner } from '../database/sql.ts';
import { aggregateStatement } from './aggregate-statement.ts';
import type { AggregateRequest } from './measures.ts';
import type { ListArguments, QueryScope } from './scope.ts';

export type { AggregateOperation, AggregateRequest } from './measures.ts';

/**
 * The result of one group; `values` has the requested keys `operation.field`. Counts, sums and averages are text as
 * PostgreSQL prints them; `min` and `max` are values of the field.
 */
export interface AggregateRow {
  /** The values that define the group; the key of `year(timestamp)` is `timestamp_year`. */
  readonly group: Readonly<Record<string, unknown>>;
  readonly values: ReadonlyMap<string, string | number | null>;
}

/**
 * Computes aggregates over the rows that match filter and search: one row per group, ordered and paged by `args`. The
 * default order is that of the groups. Without groups, the result is a single row.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for any other invalid argument.
 */
export async function aggregate(
  runner: QueryRunner,
  scope: QueryScope,
  request: AggregateRequest,
  args: ListArguments,
): Promise<AggregateRow[]> {
  const { statement, groups, measures } = aggregateStatement(scope, request, args);
  const rows = await runner.query<Readonly<Record<string, string | number | null>>>(statement);
  return rows.map((row) => ({
    group: Object.fromEntries(groups.map(({ name }, index) => [name, row[`g${index}`] ?? null])),
    values: new Map(measures.map(({ name }, index) => [name, row[`m${index}`] ?? null])),
  }));
}
