import type { Viewer } from '../auth/viewer.ts';
import type { Limits } from '../config.ts';
import type { Collection } from './collection.ts';

/** What a caller gives to choose, order and page rows; every part may be missing. */
export interface ListArguments {
  /** Conditions in the shape of the GraphQL filter inputs; the REST spellings are understood as well. */
  readonly filter?: unknown;
  readonly search?: string | null | undefined;
  readonly sort?: readonly (string | null | undefined)[] | null | undefined;
  readonly limit?: number | null | undefined;
  readonly offset?: number | null | undefined;
  readonly page?: number | null | undefined;
}

/** Keys of the rows that can hold a text, by the text, where they are known and few. */
export type Candidates = ReadonlyMap<string, readonly number[]>;

/** Which rows a query may touch at all, and by whose rights and clock it is read. */
export interface QueryScope {
  readonly collection: Collection;
  /** The viewers themselves: what `$CURRENT_USER` is a row of, and what relations lead to. */
  readonly users: Collection;
  readonly viewer: Viewer;
  readonly now: Date;
  readonly limits: Limits;
  /** Only rows with these primary keys. What cannot be a key matches nothing. */
  readonly keys?: readonly (number | string)[] | undefined;
  /** What an index of texts knows; see `withCandidates`. */
  readonly candidates?: Candidates | undefined;
}
