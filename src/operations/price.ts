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
import { holdsVariable, opened } from './opened.ts';
import type { VariableValues } from './plan.ts';

/** The arguments of a field as they were given, by name. */
export type Given = (name: string) => unknown;

/** What a field costs besides the one that every field does. */
export interface Cost {
  /** Once, with what is written or looked up for it. */
  readonly own?: number | ((given: Given) => number);
  /** How often what is selected below is paid; `all`: for as many rows as there are. One where it is left out. */
  readonly rows?: number | ((given: Given, limits: Limits) => number | 'all');
  /** The rows there are, of which no more than `atMost` and one need be counted; the arguments are coerced. */
  readonly count?: (context: GraphQLContext, args: never, atMost: number) => Promise<number>;
}

/** By `Type.field`. */
export type Costs = ReadonlyMap<string, Cost>;

/** Refuses operations that would cost more than one may. */
export interface Pricer {
  /** The error for a valid operation whose price is over the budget. */
  refusal(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    context: unknown,
  ): GraphQLError | undefined | Promise<GraphQLError | undefined>;
}

/** What one object costs: what is the same for all variables, and what depends on them. */
interface Price {
  readonly fixed: number;
  readonly parts: readonly Part[];
  /** What an object of each type costs where it may be of several; the dearest is paid. */
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

/** A list of all rows there are, whose price is known when they are counted. */
interface Uncounted {
  readonly part: Part;
  readonly each: number;
}

interface Draft {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Each selection is priced once, however often its fragment is spread. */
  readonly known: Map<SelectionSetNode, Map<GraphQLNamedType, Price>>;
}

/**
 * Prices operations before they run: every selected field as often as rows are asked for, opened fragments included
 * and conditions taken as met. What does not depend on variables is added up once per document.
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
    const known = prices.get(operation);
    if (known) return known;
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    }
    const root = schema.getRootType(operation.operation);
    const price = root ? selectionPrice({ fragments, known: new Map() }, operation.selectionSet, root) : nothing;
    prices.set(operation, price);
    return price;
  }

  /** What is selected of objects of that type; of nothing where it has no fields. */
  function selectionPrice(draft: Draft, set: SelectionSetNode, type: GraphQLNamedType): Price {
    const prices = draft.known.get(set) ?? new Map<GraphQLNamedType, Price>();
    draft.known.set(set, prices);
    const known = prices.get(type);
    if (known) return known;
    const price = isAbstractType(type)
      ? dearestOf(schema.getPossibleTypes(type).map((possible) => selectionPrice(draft, set, possible)))
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
    for (const node of opened(draft.fragments, set, applies)) {
      const definition = type.getFields()[node.name.value];
      const meta = introspectionField(node);
      const part = meta ? introspectionPart(draft, node, meta) : definition && fieldPart(draft, node, type, definition);
      if (typeof part === 'object') parts.push(part);
      // `__typename` costs as any field.
      else fixed += part ?? 1;
    }
    return { fixed, parts };
  }

  /** The price where it is the same for all variables. */
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
    const isFixed = isFixedPrice(priceBelow) && !(node.arguments ?? []).some(holdsVariable);
    const times = isFixed ? part.rows({}) : 'all';
    return times === 'all' ? part : part.price({}) + times * priceBelow.fixed;
  }

  function introspectionPart(
    { fragments }: Draft,
    node: FieldNode,
    definition: GraphQLField<unknown, unknown>,
  ): number | Part {
    const price = (variables: VariableValues) =>
      introspectionPrice(schema, node, (set) => opened(fragments, set), variables, budget);
    const isFixed = !holdsVariable(node) && ![...fragments.values()].some(holdsVariable);
    if (isFixed) return price({});
    return { price, rows: () => 0, below: nothing, node, definition, count: undefined };
  }

  function total(price: Price, variables: VariableValues, sums: Map<Price, number>, uncounted: Uncounted[]): number {
    if (isFixedPrice(price)) return price.fixed;
    const known = sums.get(price);
    if (known !== undefined) return known;
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

  async function counted(known: number, uncounted: readonly Uncounted[], variables: VariableValues, context: unknown) {
    let sum = known;
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
    return new GraphQLError(`This would cost ${shown} where at most ${budget} may be asked for.`, {
      extensions: { price: shown, budget },
    });
  }

  return {
    refusal(document, operation, variables, context) {
      // The service's own reads, of keys and of one batch of rows after the other.
      if (isRowBound(context)) return undefined;
      const uncounted: Uncounted[] = [];
      const known = total(priceOf(document, operation), variables, new Map(), uncounted);
      return uncounted.length > 0 && known <= budget ? counted(known, uncounted, variables, context) : refusalOf(known);
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

function dearestOf(prices: readonly Price[]): Price {
  if (!prices.every(isFixedPrice)) return { ...nothing, oneOf: prices };
  return { fixed: Math.max(0, ...prices.map(({ fixed }) => fixed)), parts: [] };
}

/** Arguments that the resolver will refuse select no rows; refusing them is its part. */
async function rowsThere({ node, definition, count }: Part, variables: VariableValues, context: unknown, most: number) {
  try {
    const args = getArgumentValues(definition, node, variables);
    // The context is what operations are run with, the arguments are those of the field that the cost belongs to.
    return (await count?.(context as GraphQLContext, args as never, most)) ?? 0;
  } catch {
    return 0;
  }
}
