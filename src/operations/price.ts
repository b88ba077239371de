import { type DocumentNode, GraphQLError, getArgumentValues, type OperationDefinitionNode } from 'graphql';
import type { GraphQLContext } from '../schema/context.ts';
import type { VariableValues } from './plan.ts';
import {
  createPriceFormulas,
  type FormulaOptions,
  isFixedPrice,
  type PriceFormula,
  type PricePart,
} from './price-formula.ts';

type OnPriced = (price: number) => void;

/** Refuses operations whose price exceeds the budget. */
export interface Pricer {
  /** The error for a valid operation whose price exceeds the budget. @param onPriced called with the price */
  refusal(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    context: unknown,
    onPriced?: OnPriced,
  ): GraphQLError | undefined | Promise<GraphQLError | undefined>;
}

/** A list of all existing rows, which must be counted to know its price. */
interface Uncounted {
  readonly part: PricePart;
  /** The price of one row. */
  readonly each: number;
}

/**
 * Computes the price of operations before they run: evaluates the formula of the operation for its variables, and
 * counts the rows of unlimited lists if the rest of the price is within the budget.
 */
export function createPricer(options: FormulaOptions): Pricer {
  const { limits, budget } = options;
  const formulaOf = createPriceFormulas(options);

  /** Adds up a formula. Appends the lists whose rows must be counted to `uncounted`; the sum excludes their rows. */
  function total(
    price: PriceFormula,
    variables: VariableValues,
    sums: Map<PriceFormula, number>,
    uncounted: Uncounted[],
  ): number {
    if (isFixedPrice(price)) return price.fixed;
    const cached = sums.get(price);
    if (cached !== undefined) return cached;
    const possible = (price.oneOf ?? []).map((each) => total(each, variables, sums, uncounted));
    let sum = price.fixed + Math.max(0, ...possible);
    for (const part of price.parts) {
      const each = total(part.below, variables, sums, uncounted);
      const rows = part.rows(variables);
      sum += part.price(variables);
      if (rows === 'all') uncounted.push({ part, each });
      else sum += rows * each;
    }
    sums.set(price, sum);
    return sum;
  }

  async function refusalAfterCounting(
    fixed: number,
    uncounted: readonly Uncounted[],
    variables: VariableValues,
    context: unknown,
    onPriced: OnPriced | undefined,
  ) {
    let sum = fixed;
    for (const { part, each } of uncounted) {
      const atMost = Math.floor((budget - sum) / Math.max(each, 1));
      if (atMost < 0 || !part.count) break;
      const rows = await existingRows(part, variables, context, atMost);
      sum += Math.min(rows, limits.queryMax ?? rows) * each;
    }
    return refusalOf(sum, onPriced);
  }

  function refusalOf(price: number, onPriced: OnPriced | undefined): GraphQLError | undefined {
    onPriced?.(price);
    if (price <= budget) return undefined;
    const shown = Math.min(price, Number.MAX_SAFE_INTEGER);
    return new GraphQLError(`This would cost ${shown}, which is more than the limit of ${budget}.`, {
      extensions: { price: shown, budget },
    });
  }

  return {
    refusal(document, operation, variables, context, onPriced) {
      // Reads that the service makes for itself, by key or in batches, are not priced.
      if (isRowBound(context)) return undefined;
      const uncounted: Uncounted[] = [];
      const fixed = total(formulaOf(document, operation), variables, new Map(), uncounted);
      return uncounted.length > 0 && fixed <= budget
        ? refusalAfterCounting(fixed, uncounted, variables, context, onPriced)
        : refusalOf(fixed, onPriced);
    },
  };
}

function isRowBound(context: unknown): boolean {
  return typeof context === 'object' && context !== null && 'isRowBound' in context;
}

/** Counts the rows of a list. Invalid arguments select no rows; the resolver rejects them later. */
async function existingRows(
  { node, definition, count }: PricePart,
  variables: VariableValues,
  context: unknown,
  atMost: number,
) {
  try {
    const args = getArgumentValues(definition, node, variables);
    // The context is the one with which operations run, and the arguments are those of the priced field.
    return (await count?.(context as GraphQLContext, args as never, atMost)) ?? 0;
  } catch {
    return 0;
  }
}
