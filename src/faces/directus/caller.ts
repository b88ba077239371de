import type { Operation } from '../../operations/operations.ts';
import type { Scope } from './rendered-selection.ts';
import type { Resource } from './resource.ts';

/** Replaces the row limit of one query, for reads that must cover all rows or detect that there are too many. */
export interface RowBound {
  /** Undefined: no limit. */
  readonly most: number | undefined;
}

/** The result of a document: the root field `data` and the counts, named as in `meta`. */
export type Data = Readonly<Record<string, unknown>>;

/** Runs operations for one viewer. */
export interface Runner {
  /** @throws what `Operations.run` throws. */
  readonly run: (operation: Operation, rows?: RowBound) => Promise<Data>;
}

/** Everything that a read or write of one collection needs from its request. */
export interface Caller extends Scope, Runner {
  readonly resource: Resource;
}
