import type { Viewer } from '../auth/viewer.ts';
import type { Sql } from '../database/sql.ts';

/** Type of a field; determines its operators and functions, as in Directus. */
export type FieldType = 'integer' | 'string' | 'uuid' | 'uuids' | 'timestamp' | 'boolean' | 'hash';

/** One field of a collection that callers can filter, sort, search and group by. */
export interface Field {
  readonly name: string;
  readonly column: string;
  /**
   * Returns the SQL that is read instead of the column, for values of another table. The argument is the alias of this
   * collection's table.
   */
  readonly expression?: (alias: string) => string;
  readonly type: FieldType;
  /** Who may name the field. If it is `admin`, members who name the field get an error. */
  readonly readableBy: 'member' | 'admin';
  /** All possible values. They are written into statements as constants, because partial indexes require that. */
  readonly values?: readonly string[];
  /** Whether `search` covers the field. */
  readonly searchable: boolean;
  /** The collection that the field refers to, as named in `QueryScope`. It allows nested filters and sorts. */
  readonly relation?: 'users';
}

/** A request to the text index. */
export interface TextRequest {
  readonly text: string;
  /** Pattern for `ilike`. */
  readonly pattern: string;
  /** The user whose share of the connection pool is used. */
  readonly owner: string;
  /** Only rows of this recipient; undefined means any. */
  readonly recipient: string | undefined;
  /** Maximum number of keys worth returning. */
  readonly maxKeys: number;
  /** Whether there is no result for a text that is frequent among the newest rows. */
  readonly skipsFrequentTexts: boolean;
}

/** An index of texts beside the table that returns candidate keys for a text. */
export interface TextIndex {
  /** Names of the indexed fields. */
  readonly fields: ReadonlySet<string>;
  /** The statement that returns one row `{ indexed, queued }` of keys, or no row if the index cannot answer. */
  readonly find: (request: TextRequest) => Sql;
}

/** A table as the query language sees it. */
export interface Collection {
  /** Name on the wire, such as `directus_notifications`. */
  readonly name: string;
  readonly table: string;
  readonly primaryKey: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly texts?: TextIndex;
  /** Rows that the viewer may see: all, none, or those whose `column` is the viewer's id. */
  readonly visibility: (viewer: Viewer) => Visibility;
}

export type Visibility =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'own'; readonly column: string };
