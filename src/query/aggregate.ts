import type { Queryable } from '../database/database.ts';
import { aggregateStatement } from './aggregate-statement.ts';
import type { AggregateRequest } from './measures.ts';
import type { ListArguments, QueryScope } from './scope.ts';

export type { AggregateOperation, AggregateRequest } from './measures.ts';

/**
 * One group; `values` has the keys `operation.field`, as asked for.
 * Counts, sums and averages are text as PostgreSQL prints them; `min` and `max` are values of the field.
 */
export interface AggregateRow {
  /** What the rows of the group have in common; the key of `year(timestamp)` is `timestamp_year`. */
  readonly group: Readonly<Record<string, unknown>>;
  readonly values: ReadonlyMap<string, string | number | null>;
}

/**
 * Computes aggregates over the rows the filter and the search choose: one row per group, ordered and paged by `args`,
 * by default in the order of the groups; one row in all when nothing is grouped.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for everything else that is wrong.
 */
export async function aggregate(
  db: Queryable,
  scope: QueryScope,
  request: AggregateRequest,
  args: ListArguments,
): Promise<AggregateRow[]> {
  const { statement, groups, measures } = aggregateStatement(scope, request, args);
  const rows = await db.query<Readonly<Record<string, string | number | null>>>(statement);
  return rows.map((row) => ({
    group: Object.fromEntries(groups.map(({ name }, index) => [name, row[`g${index}`] ?? null])),
    values: new Map(measures.map(({ name }, index) => [name, row[`m${index}`] ?? null])),
  }));
}
