/** A statement with its values; with a `name` it is prepared once per connection and only executed after that. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly name?: string | undefined;
  /**
   * The user or other caller for whom the statement runs. Set if the caller determines what is read. Limits the owner's
   * share of the pool and the size of the result.
   */
  readonly owner?: string | undefined;
}

/** Runs compiled statements. In the service this is a Prisma model with `queryMethod`, in tests it is the pool. */
export interface QueryRunner {
  query<Row>(sql: Sql): Promise<Row[]>;
}
