import pg from 'pg';

/** A row as the server sent it. */
interface DataRow {
  /** Bytes. */
  readonly length: number;
}

/** What `pg` calls for each row. */
interface RowHandler {
  handleDataRow(row: DataRow): void;
}

/** What the base class does with a row; it is there, but not in the types of `pg`. */
const { handleDataRow } = pg.Query.prototype as unknown as RowHandler;

/** A statement of whose rows no more are kept than so many bytes: the others are read and forgotten. */
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
