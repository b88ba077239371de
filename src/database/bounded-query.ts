import pg from 'pg';
import type { Sql } from './sql.ts';

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

  /** The name under which the statement is prepared; `pg` reads it. */
  readonly name: string | undefined;

  constructor(
    { text, values, name }: Sql,
    maxBytes: number,
    onEnd: (error: Error | null | undefined, result: pg.ResultBuilder) => void,
  ) {
    // `pg` would clone an object with the name, property by property.
    super(text, [...values], onEnd);
    this.name = name;
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
