import type { Limits } from '../config.ts';
import type { GraphQLContext } from '../schema/context.ts';

/** Returns an argument of a field by name, before coercion. */
export type Given = (name: string) => unknown;

/** The cost of a field in addition to one unit, which every field costs. */
export interface Cost {
  /** Added once, for statements and written rows. */
  readonly own?: number | ((given: Given) => number);
  /** Factor for the price of the selection below; `all` means the number of existing rows. Default: 1. */
  readonly rows?: number | ((given: Given, limits: Limits) => number | 'all');
  /** Counts the existing rows, at most `atMost` + 1; the arguments are coerced. */
  readonly count?: (context: GraphQLContext, args: never, atMost: number) => Promise<number>;
}

/** Costs by `Type.field`. */
export type Costs = ReadonlyMap<string, Cost>;
