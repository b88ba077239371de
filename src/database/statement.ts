import type { Sql } from './sql.ts';

/**
 * A hand-written statement, prepared once per connection under its name and executed after that, unless it is to be planned
 * each time. Its rows come as `Queryable` promises, whether it runs alone or in a transaction.
 */
export interface Statement<Args extends readonly unknown[], Row> {
  /** Unique among all statements of the service. */
  readonly name: string;
  readonly text: string;
  /** True where the best plan depends on the values and running is rare: it is not prepared. */
  readonly isPlannedEachTime?: boolean;
  /** Makes the values of `$1`, `$2`, … of what a caller gives. */
  readonly values: (...args: Args) => readonly unknown[];
  /** Only a type: what a row holds. */
  readonly row?: Row;
}

/** Declares a statement whose rows are of this type: `statement<Row>()({ name, text, values })`. */
export function statement<Row>() {
  return <Args extends readonly unknown[]>(declared: Omit<Statement<Args, Row>, 'row'>): Statement<Args, Row> =>
    declared;
}

/** A method of a model whose model component holds it: runs the statement on whatever the client stands for. */
export type StatementMethod<Args extends readonly unknown[], Row> = (this: unknown, ...args: Args) => Promise<Row[]>;

/** Makes a method of a model of a statement; see `defineMethods`. */
export function method<Args extends readonly unknown[], Row>(
  declared: Statement<Args, Row>,
): StatementMethod<Args, Row> {
  const { name, text, values, isPlannedEachTime = false } = declared;
  const prepared = isPlannedEachTime ? undefined : name;
  return function (...args) {
    return runOn<Row>(this, { name: prepared, text, values: values(...args) });
  };
}

/** What a client that runs statements has. */
export interface Runner {
  $run<Row>(sql: Sql): Promise<Row[]>;
}

/**
 * Runs SQL for a method of a model: in the transaction whose client the method was called on, else on the pool.
 * @param model `this` of the method
 */
export function runOn<Row>(model: unknown, sql: Sql): Promise<Row[]> {
  // Prisma gives a model's methods no `$queryRaw`; their client has what runs statements.
  return (model as { readonly $parent: Runner }).$parent.$run<Row>(sql);
}

/** Makes a method of a model that runs what the query language compiled. */
export function compiledMethod<Row>() {
  return function (this: unknown, sql: Sql): Promise<Row[]> {
    return runOn<Row>(this, sql);
  };
}

/** The method that makes a model a `QueryRunner`: runs whatever the query language compiled for its table. */
export function queryMethod<Row>(this: unknown, sql: Sql): Promise<Row[]> {
  return runOn<Row>(this, sql);
}
