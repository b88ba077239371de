import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Limits } from '../config.ts';
import type { GraphQLContext } from '../schema/context.ts';
import { introspectionField, introspectionPrice } from './introspection-price.ts';
import type { VariableValues } from './plan.ts';
import { containsVariable, expandFragments } from './selections.ts';

/** Returns an argument of a field by name, as given. */
export type Given = (name: string) => unknown;

/** The cost of a field in addition to the one that every field has. */
export interface Cost {
  /** Added once, for statements and written rows. */
  readonly own?: number | ((given: Given) => number);
  /** Factor for the price of the selection below; `all` means the number of existing rows. Default 1. */
  readonly rows?: number | ((given: Given, limits: Limits) => number | 'all');
  /** Counts the existing rows, at most `atMost` + 1; the arguments are coerced. */
  readonly count?: (context: GraphQLContext, args: never, atMost: number) => Promise<number>;
}

/** Costs by `Type.field`. */
export type Costs = ReadonlyMap<string, Cost>;

/** Refuses operations whose price exceeds the budget. */
export interface Pricer {
  /** The error for a valid operation whose price exceeds the budget. */
  refusal(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    context: unknown,
  ): GraphQLError | undefined | Promise<GraphQLError | undefined>;
}

/** The price of one object: a fixed part and parts that depend on variables. */
interface Price {
  readonly fixed: number;
  readonly parts: readonly Part[];
  /** For an abstract type, the prices of its possible types; the highest one applies. */
  readonly oneOf?: readonly Price[];
}

interface Part {
  readonly price: (variables: VariableValues) => number;
  readonly rows: (variables: VariableValues) => number | 'all';
  readonly below: Price;
  readonly node: FieldNode;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly count: Cost['count'];
}

/** A list of all existing rows; its price is cached after counting them. */
interface Uncounted {
  readonly part: Part;
  readonly each: number;
}

interface Draft {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Prices by selection: each is computed once, however often its fragment is spread. */
  readonly cached: Map<SelectionSetNode, Map<GraphQLNamedType, Price>>;
}

/**
 * Computes the price of operations before they run: each selected field times the requested number of rows, with
 * fragments expanded and conditions assumed to be true. The part that does not depend on variables is computed once per
 * document.
 */
export function createPricer(options: {
  readonly schema: GraphQLSchema;
  readonly costs: Costs;
  readonly limits: Limits;
  readonly budget: number;
}): Pricer {
  const { schema, costs, limits, budget } = options;
  const prices = new WeakMap<OperationDefinitionNode, Price>();

  function priceOf(document: DocumentNode, operation: OperationDefinitionNode): Price {
    const cached = prices.get(operation);
    if (cached) return cached;
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    }
    const root = schema.getRootType(operation.operation);
    const price = root ? selectionPrice({ fragments, cached: new Map() }, operation.selectionSet, root) : nothing;
    prices.set(operation, price);
    return price;
  }

  /** The price of a selection on a type; zero for a type without fields. */
  function selectionPrice(draft: Draft, set: SelectionSetNode, type: GraphQLNamedType): Price {
    const prices = draft.cached.get(set) ?? new Map<GraphQLNamedType, Price>();
    draft.cached.set(set, prices);
    const cached = prices.get(type);
    if (cached) return cached;
    const price = isAbstractType(type)
      ? highestOf(schema.getPossibleTypes(type).map((possible) => selectionPrice(draft, set, possible)))
      : isObjectType(type)
        ? objectPrice(draft, set, type)
        : nothing;
    prices.set(type, price);
    return price;
  }

  function objectPrice(draft: Draft, set: SelectionSetNode, type: GraphQLObjectType): Price {
    let fixed = 0;
    const parts: Part[] = [];
    const applies = (condition: string) => {
      const wanted = schema.getType(condition);
      return wanted === type || (isAbstractType(wanted) && schema.isSubType(wanted, type));
    };
    for (const node of expandFragments(draft.fragments, set, applies)) {
      const definition = type.getFields()[node.name.value];
      const meta = introspectionField(node);
      const part = meta ? introspectionPart(draft, node, meta) : definition && fieldPart(draft, node, type, definition);
      if (typeof part === 'object') parts.push(part);
      // `__typename` costs as much as any field.
      else fixed += part ?? 1;
    }
    return { fixed, parts };
  }

  /** The price of a field: a number if it is the same for all variables. */
  function fieldPart(
    draft: Draft,
    node: FieldNode,
    type: GraphQLObjectType,
    definition: GraphQLField<unknown, unknown>,
  ): number | Part {
    const { own = 0, rows = 1, count } = costs.get(`${type.name}.${definition.name}`) ?? {};
    const below = getNamedType(definition.type);
    const priceBelow = node.selectionSet ? selectionPrice(draft, node.selectionSet, below) : nothing;
    const givenOf =
      (variables: VariableValues): Given =>
      (name) => {
        const argument = node.arguments?.find((one) => one.name.value === name);
        return argument && valueFromASTUntyped(argument.value, variables);
      };
    const part: Part = {
      price: (variables) => 1 + (typeof own === 'number' ? own : own(givenOf(variables))),
      rows: (variables) => (typeof rows === 'number' ? rows : rows(givenOf(variables), limits)),
      below: priceBelow,
      node,
      definition,
      count,
    };
    const isFixed = isFixedPrice(priceBelow) && !(node.arguments ?? []).some(containsVariable);
    const times = isFixed ? part.rows({}) : 'all';
    return times === 'all' ? part : part.price({}) + times * priceBelow.fixed;
  }

  function introspectionPart(
    { fragments }: Draft,
    node: FieldNode,
    definition: GraphQLField<unknown, unknown>,
  ): number | Part {
    const price = (variables: VariableValues) =>
      introspectionPrice(schema, node, (set) => expandFragments(fragments, set), variables, budget);
    const isFixed = !containsVariable(node) && ![...fragments.values()].some(containsVariable);
    if (isFixed) return price({});
    return { price, rows: () => 0, below: nothing, node, definition, count: undefined };
  }

  function total(price: Price, variables: VariableValues, sums: Map<Price, number>, uncounted: Uncounted[]): number {
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

  async function priceWithCounts(
    fixed: number,
    uncounted: readonly Uncounted[],
    variables: VariableValues,
    context: unknown,
  ) {
    let sum = fixed;
    for (const { part, each } of uncounted) {
      const atMost = Math.floor((budget - sum) / Math.max(each, 1));
      if (atMost < 0 || !part.count) break;
      const rows = await rowsThere(part, variables, context, atMost);
      sum += Math.min(rows, limits.queryMax ?? rows) * each;
    }
    return refusalOf(sum);
  }

  function refusalOf(price: number): GraphQLError | undefined {
    if (price <= budget) return undefined;
    const shown = Math.min(price, Number.MAX_SAFE_INTEGER);
    return new GraphQLError(`This would cost ${shown}, which is more than the limit of ${budget}.`, {
      extensions: { price: shown, budget },
    });
  }

  return {
    refusal(document, operation, variables, context) {
      // Reads by the service itself, by key or in batches, are not priced.
      if (isRowBound(context)) return undefined;
      const uncounted: Uncounted[] = [];
      const fixed = total(priceOf(document, operation), variables, new Map(), uncounted);
      return uncounted.length > 0 && fixed <= budget
        ? priceWithCounts(fixed, uncounted, variables, context)
        : refusalOf(fixed);
    },
  };
}

function isRowBound(context: unknown): boolean {
  return typeof context === 'object' && context !== null && 'isRowBound' in context;
}

const nothing: Price = { fixed: 0, parts: [] };

function isFixedPrice({ parts, oneOf }: Price): boolean {
  return parts.length === 0 && oneOf === undefined;
}

function highestOf(prices: readonly Price[]): Price {
  if (!prices.every(isFixedPrice)) return { ...nothing, oneOf: prices };
  return { fixed: Math.max(0, ...prices.map(({ fixed }) => fixed)), parts: [] };
}

/** Invalid arguments select no rows; the resolver will reject them. */
async function rowsThere({ node, definition, count }: Part, variables: VariableValues, context: unknown, most: number) {
  try {
    const args = getArgumentValues(definition, node, variables);
    // The context is the one operations run with, and the arguments are those of the priced field.
    return (await count?.(context as GraphQLContext, args as never, most)) ?? 0;
  } catch {
    return 0;
  }
}
