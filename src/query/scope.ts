import type { Viewer } from '../auth/viewer.ts';
import type { Limits } from '../config.ts';
import type { Collection } from './collection.ts';
import type { Filter } from './filter-input.ts';

/** Arguments that choose, order and page rows; each is optional. */
export interface ListArguments {
  readonly filter?: Filter | null | undefined;
  readonly search?: string | null | undefined;
  readonly sort?: readonly (string | null | undefined)[] | null | undefined;
  readonly limit?: number | null | undefined;
  readonly offset?: number | null | undefined;
  readonly page?: number | null | undefined;
}

/** Candidate keys by text, for texts that the index finds in few rows. */
export type Candidates = ReadonlyMap<string, readonly number[]>;

/** The rows a query may use, and the viewer, clock and limits it runs with. */
export interface QueryScope {
  readonly collection: Collection;
  /** The collection of users: for `$CURRENT_USER` and for relations. */
  readonly users: Collection;
  readonly viewer: Viewer;
  readonly now: Date;
  readonly limits: Limits;
  /** Only rows with these primary keys. Malformed keys match nothing. */
  readonly keys?: readonly (number | string)[] | undefined;
  /** Results of the text index; see `withCandidates`. */
  readonly candidates?: Candidates | undefined;
}
