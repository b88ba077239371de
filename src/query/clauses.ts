import { sql } from 'kysely';
import { compileCondition, nothing, type Piece, slot } from './compile.ts';
import type { Condition } from './condition.ts';
import type { Draft, Join, Slot } from './draft.ts';
import type { Page } from './paging.ts';
import { requirePlannable } from './query-limits.ts';
import { rootAlias } from './resolve-field.ts';
import type { Order } from './sort.ts';

/**
 * The clause ` from …` with the joins of the draft. They are left joins, so that a row stays if the joined row is
 * missing or not visible.
 */
export function fromClause({ scope, joins }: Draft): Piece {
  const clauses = [...joins.values()].map(joinClause);
  return sql` from ${sql.table(scope.collection.table)} as ${sql.id(rootAlias)}${sql.join(clauses, nothing)}`;
}

function joinClause({ alias, table, primaryKey, key, visible }: Join): Piece {
  const found = key.kind === 'slot' ? slot(key) : sql.ref(`${key.alias}.${key.column}`);
  const clause = sql` left join ${sql.table(table)} as ${sql.id(alias)} on ${sql.ref(`${alias}.${primaryKey}`)} = ${found}`;
  if (visible === 'all') return clause;
  if (visible === 'none') return sql`${clause} and false`;
  return sql`${clause} and ${sql.ref(`${alias}.${visible.column}`)} = ${slot(visible.viewer)}`;
}

/**
 * The clause ` where …`, or nothing.
 * @throws ServiceError INVALID_QUERY for conditions that PostgreSQL would take too long to plan.
 */
export function whereClause(conditions: readonly Condition[]): Piece {
  requirePlannable(conditions);
  return conditions.length === 0 ? nothing : sql` where ${sql.join(conditions.map(compileCondition), sql` and `)}`;
}

/** The clause ` order by …`, or nothing; `keySql` returns the SQL of a sort key. */
export function orderClause<Key>(orders: readonly Order<Key>[], keySql: (key: Key) => Piece): Piece {
  const keys = orders.map(({ by, isDescending }) => sql`${keySql(by)}${isDescending ? sql` desc` : nothing}`);
  return keys.length === 0 ? nothing : sql` order by ${sql.join(keys)}`;
}

/**
 * Page sizes that are written into the statement as constants. If the limit is a parameter, PostgreSQL assumes that a
 * tenth of the table is read and never reuses a generic plan. There are only a few sizes, so that callers cannot cause
 * many prepared statements.
 */
const writtenLimits: ReadonlySet<number> = new Set([1, 5, 10, 20, 25, 50, 100]);
/** The same for cursor pages, which read one row more than they return. */
export const constantCursorLimits: ReadonlySet<number> = new Set([...writtenLimits].map((size) => size + 1));

/** A page bound to a statement: constants, or slots for values. */
export interface BoundPage {
  readonly limit: Slot | number | undefined;
  readonly offset: Slot | undefined;
}

/** @param written the limits that are written as constants. */
export function bindPage(draft: Draft, { limit, offset }: Page, written = writtenLimits): BoundPage {
  return { limit: bindLimit(draft, limit, written), offset: bindOffset(draft, offset) };
}

function bindLimit(draft: Draft, limit: number | undefined, written: ReadonlySet<number>): BoundPage['limit'] {
  if (limit === undefined) return undefined;
  if (written.has(limit)) {
    draft.mark(`/${limit}`);
    return limit;
  }
  draft.mark('/n');
  return draft.bind(limit, 'bigint');
}

function bindOffset(draft: Draft, offset: number): BoundPage['offset'] {
  if (offset === 0) return undefined;
  draft.mark('/+');
  return draft.bind(offset, 'bigint');
}

/** The clause ` limit … offset …`, with the parts that are given. */
export function pageClause({ limit, offset }: BoundPage): Piece {
  return sql`${limitClause(limit)}${offset ? sql` offset ${slot(offset)}` : nothing}`;
}

function limitClause(limit: BoundPage['limit']): Piece {
  if (limit === undefined) return nothing;
  return sql` limit ${typeof limit === 'number' ? sql.lit(limit) : slot(limit)}`;
}
