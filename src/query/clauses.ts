import { sql } from 'kysely';
import { compileCondition, nothing, type Piece, slot } from './compile.ts';
import type { Condition } from './condition.ts';
import type { Draft, Join, Slot } from './draft.ts';
import { rootAlias } from './operand.ts';
import type { Page } from './paging.ts';
import type { Order } from './sort.ts';

/** ` from …` with the related rows the draft needs. A row stays without one, or with one the viewer may not see. */
export function fromClause({ scope, joins }: Draft): Piece {
  const clauses = [...joins.values()].map(joinClause);
  return sql` from ${sql.table(scope.collection.table)} as ${sql.id(rootAlias)}${sql.join(clauses, nothing)}`;
}

function joinClause({ alias, table, primaryKey, from, visible }: Join): Piece {
  const key = sql.ref(`${alias}.${primaryKey}`);
  const on = sql` left join ${sql.table(table)} as ${sql.id(alias)} on ${key} = ${sql.ref(`${from.alias}.${from.column}`)}`;
  if (visible === 'all') return on;
  if (visible === 'none') return sql`${on} and false`;
  return sql`${on} and ${sql.ref(`${alias}.${visible.column}`)} = ${slot(visible.viewer)}`;
}

/** ` where …`, or nothing. */
export function whereClause(conditions: readonly Condition[]): Piece {
  return conditions.length === 0 ? nothing : sql` where ${sql.join(conditions.map(compileCondition), sql` and `)}`;
}

/** ` order by …`, or nothing; `spell` says what each step sorts by. */
export function orderClause<Key>(orders: readonly Order<Key>[], spell: (key: Key) => Piece): Piece {
  const steps = orders.map(({ by, isDescending }) => sql`${spell(by)}${isDescending ? sql` desc` : nothing}`);
  return steps.length === 0 ? nothing : sql` order by ${sql.join(steps)}`;
}

/** A page whose numbers are values of the statement. */
export interface BoundPage {
  readonly limit: Slot | undefined;
  readonly offset: Slot | undefined;
}

export function bindPage(draft: Draft, { limit, offset }: Page): BoundPage {
  draft.mark(`/${limit === undefined ? '' : 'l'}${offset === 0 ? '' : 'o'}`);
  return {
    limit: limit === undefined ? undefined : draft.bind(limit, 'bigint'),
    offset: offset === 0 ? undefined : draft.bind(offset, 'bigint'),
  };
}

/** ` limit … offset …`, as far as given. */
export function pageClause({ limit, offset }: BoundPage): Piece {
  return sql`${limit ? sql` limit ${slot(limit)}` : nothing}${offset ? sql` offset ${slot(offset)}` : nothing}`;
}
