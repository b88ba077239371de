/** A statement with its values; with a `name` it is prepared once per connection and only executed after that. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly name?: string | undefined;
  /**
   * Whom it is for, where a caller decides what is asked: what one owner's statements take of the pool and how large
   * their answers become is bounded.
   */
  readonly owner?: string | undefined;
}

/** Runs a compiled statement: a model of Prisma's that has `queryMethod`, or the pool in tests. */
export interface QueryRunner {
  query<Row>(sql: Sql): Promise<Row[]>;
}
