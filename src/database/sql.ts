/** A statement with its values; with a `name` it is prepared once per connection and only executed after that. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly name?: string | undefined;
  /**
   * The user or other caller that the statement runs for; set if the caller decides what is read. Limits the owner's
   * share of the pool and the size of the result.
   */
  readonly owner?: string | undefined;
}

/** Runs a compiled statement: a model of Prisma's that has `queryMethod`, or the pool in tests. */
export interface QueryRunner {
  query<Row>(sql: Sql): Promise<Row[]>;
}
