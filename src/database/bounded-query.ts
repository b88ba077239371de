import pg from 'pg';

/** A row as the server sent it. */
interface DataRow {
  /** In bytes. */
  readonly length: number;
}

/** What `pg` calls for each row. */
interface RowHandler {
  handleDataRow(row: DataRow): void;
}

/** The method of the base class; the types of `pg` lack it. */
const { handleDataRow } = pg.Query.prototype as unknown as RowHandler;

/** A query that keeps at most `most` bytes of rows; further rows are read and dropped. */
export class BoundedQuery extends pg.Query {
  readonly #most: number;
  #bytes = 0;

  constructor(
    config: pg.QueryConfig,
    most: number,
    onEnd: (error: Error | null | undefined, result: pg.ResultBuilder) => void,
  ) {
    super(config, undefined, onEnd);
    this.#most = most;
  }

  get isTooLarge(): boolean {
    return this.#bytes > this.#most;
  }

  handleDataRow(row: DataRow): void {
    this.#bytes += row.length;
    if (!this.isTooLarge) handleDataRow.call(this, row);
  }
}
