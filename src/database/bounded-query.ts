import pg from 'pg';

/** A row as the server sent it. */
interface DataRow {
  /** In bytes. */
  readonly length: number;
}

/** The method that `pg` calls for each row. */
interface RowHandler {
  handleDataRow(row: DataRow): void;
}

/** The method of the base class; the types of `pg` lack it. */
const { handleDataRow } = pg.Query.prototype as unknown as RowHandler;

/** A query that keeps at most `maxBytes` bytes of rows; further rows are read and dropped. */
export class BoundedQuery extends pg.Query {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(
    config: pg.QueryConfig,
    maxBytes: number,
    onEnd: (error: Error | null | undefined, result: pg.ResultBuilder) => void,
  ) {
    super(config, undefined, onEnd);
    this.#maxBytes = maxBytes;
  }

  get isTooLarge(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  handleDataRow(row: DataRow): void {
    this.#bytes += row.length;
    if (!this.isTooLarge) handleDataRow.call(this, row);
  }
}
