import type { Viewer } from '../auth/viewer.ts';
import type { Sql } from '../database/sql.ts';

/** How a field compares; decides which operators and functions it takes (`spec` §C.2 of the Directus dialect). */
export type FieldType = 'integer' | 'string' | 'uuid' | 'uuids' | 'timestamp' | 'boolean' | 'hash';

/** One field of a collection as callers filter, sort, search and group by it. */
export interface Field {
  readonly name: string;
  readonly column: string;
  /** SQL to read instead of the column, given the alias of the table: for what lies in another table. */
  readonly expression?: (alias: string) => string;
  readonly type: FieldType;
  /** `admin`: a member who names the field anywhere is refused. */
  readonly readableBy: 'member' | 'admin';
  /** The only values it can have: one that is asked for is written into the statement, where partial indexes need it. */
  readonly values?: readonly string[];
  /** Whether `search` looks into it. */
  readonly searchable: boolean;
  /** The value is a key of the collection that the scope names so, for nested filters and sorts. */
  readonly relation?: 'users';
}

/** What is asked of an index of texts. */
export interface TextRequest {
  readonly text: string;
  /** For `ilike`. */
  readonly pattern: string;
  /** For whose share of the pool it counts. */
  readonly owner: string;
  /** Only rows of this one; undefined: of anybody. */
  readonly recipient: string | undefined;
  /** How many keys are worth knowing. */
  readonly most: number;
  /** Whether nothing is to be answered for texts that many of the newest rows have. */
  readonly isFrequentLeftOut: boolean;
}

/** An index of texts beside the table, which knows the keys of the rows that can hold a text. */
export interface TextIndex {
  /** Names of the fields it knows. */
  readonly fields: ReadonlySet<string>;
  /** A statement that answers one row `{ indexed, queued }` of keys, or none: the index cannot tell. */
  readonly find: (request: TextRequest) => Sql;
}

/** A table as the query language sees it. */
export interface Collection {
  /** The name on the wire, such as `directus_notifications`. */
  readonly name: string;
  readonly table: string;
  readonly primaryKey: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly texts?: TextIndex;
  /** Which rows the viewer may see: all of them, none, or those whose `column` holds the viewer's id. */
  readonly visibility: (viewer: Viewer) => Visibility;
}

export type Visibility =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'own'; readonly column: string };
