import type { Operation } from '../../operations/operations.ts';
import type { Resource } from './resource.ts';
import type { Scope } from './shown.ts';

/** Other rows than one query may read: for what must reach all of them, or says that it does not. */
export interface RowBound {
  /** Undefined: no bound. */
  readonly most: number | undefined;
}

/** The answer of a document whose root fields are called `data` and, for counts, as they are in `meta`. */
export type Data = Readonly<Record<string, unknown>>;

/** Runs operations for one viewer. */
export interface Runner {
  /** @throws what `Operations.run` throws. */
  readonly run: (operation: Operation, rows?: RowBound) => Promise<Data>;
}

/** Somebody who asks something of one collection: everything a read or a write needs. */
export interface Caller extends Scope, Runner {
  readonly resource: Resource;
}
