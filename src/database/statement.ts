import type { Sql } from './sql.ts';

/**
 * A hand-written statement. Unless `isPlannedEachTime`, each connection prepares it once under its name. Rows are
 * decoded as described at `Queryable`, in and outside a transaction.
 */
export interface Statement<Args extends readonly unknown[], Row> {
  /** Unique among all statements of the service. */
  readonly name: string;
  readonly text: string;
  /** True for a rare statement whose best plan depends on the values or on the size of a table: it is not prepared. */
  readonly isPlannedEachTime?: boolean | ((...args: Args) => boolean);
  /** Converts the caller's arguments to the values of `$1`, `$2`, … */
  readonly values: (...args: Args) => readonly unknown[];
  /** Never set; carries the type of the rows. */
  readonly row?: Row;
}

/** Declares a statement whose rows are of this type: `statement<Row>()({ name, text, values })`. */
export function statement<Row>() {
  return <Args extends readonly unknown[]>(declared: Omit<Statement<Args, Row>, 'row'>): Statement<Args, Row> =>
    declared;
}

/** A statement as a method of a Prisma model: runs in the transaction of the model's client, or else on the pool. */
export type StatementMethod<Args extends readonly unknown[], Row> = (this: unknown, ...args: Args) => Promise<Row[]>;

/** Converts a statement to a method of a Prisma model; see `defineMethods`. */
export function method<Args extends readonly unknown[], Row>(
  declared: Statement<Args, Row>,
): StatementMethod<Args, Row> {
  const { name, text, values, isPlannedEachTime = false } = declared;
  const isPlanned = typeof isPlannedEachTime === 'function' ? isPlannedEachTime : () => isPlannedEachTime;
  return function (...args) {
    return runOn<Row>(this, { name: isPlanned(...args) ? undefined : name, text, values: values(...args) });
  };
}

/** The part of an extended Prisma client that runs statements. */
export interface Runner {
  $run<Row>(sql: Sql): Promise<Row[]>;
}

/**
 * Runs SQL for a method of a model: in the transaction whose client the method was called on, else on the pool.
 * @param model `this` of the method
 */
export function runOn<Row>(model: unknown, sql: Sql): Promise<Row[]> {
  // Prisma's methods of a model have no `$queryRaw`, but their client, `$parent`, has `$run`.
  return (model as { readonly $parent: Runner }).$parent.$run<Row>(sql);
}

/** A method of a Prisma model that runs a compiled statement; as `query` it makes the model a `QueryRunner`. */
export function queryMethod<Row>(this: unknown, sql: Sql): Promise<Row[]> {
  return runOn<Row>(this, sql);
}
