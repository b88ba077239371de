import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Limits } from '../config.ts';
import type { Cost, Costs, Given } from './cost.ts';
import { introspectionField, introspectionPrice } from './introspection-price.ts';
import type { VariableValues } from './plan.ts';
import { containsVariable, expandFragments } from './selections.ts';

/** The price of one object: a fixed part, and parts that depend on variables. */
export interface PriceFormula {
  readonly fixed: number;
  readonly parts: readonly PricePart[];
  /** For an abstract type, the prices of its possible types; the highest one applies. */
  readonly oneOf?: readonly PriceFormula[];
}

/** The price of one field that depends on variables: `price` + `rows` × `below`. */
export interface PricePart {
  readonly price: (variables: VariableValues) => number;
  readonly rows: (variables: VariableValues) => number | 'all';
  /** The price of the selection of the field, for one row. */
  readonly below: PriceFormula;
  readonly node: FieldNode;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly count: Cost['count'];
}

export interface FormulaOptions {
  readonly schema: GraphQLSchema;
  readonly costs: Costs;
  readonly limits: Limits;
  /** The maximum price; counting the fields of an introspection stops above it. */
  readonly budget: number;
}

/** The document whose formula is being built. */
interface Draft {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Formulas by selection: each is built once, however often its fragment is spread. */
  readonly cached: Map<SelectionSetNode, Map<GraphQLNamedType, PriceFormula>>;
}

const nothing: PriceFormula = { fixed: 0, parts: [] };

/** Whether the price does not depend on variables. */
export function isFixedPrice({ parts, oneOf }: PriceFormula): boolean {
  return parts.length === 0 && oneOf === undefined;
}

/**
 * Returns a function that builds the price formula of an operation; built once per document. Each selected field is
 * multiplied by the requested number of rows. Fragments are expanded; `@include` and `@skip` are ignored.
 */
export function createPriceFormulas({ schema, costs, limits, budget }: FormulaOptions) {
  const prices = new WeakMap<OperationDefinitionNode, PriceFormula>();

  function formulaOf(document: DocumentNode, operation: OperationDefinitionNode): PriceFormula {
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
  function selectionPrice(draft: Draft, set: SelectionSetNode, type: GraphQLNamedType): PriceFormula {
    const prices = draft.cached.get(set) ?? new Map<GraphQLNamedType, PriceFormula>();
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

  function objectPrice(draft: Draft, set: SelectionSetNode, type: GraphQLObjectType): PriceFormula {
    let fixed = 0;
    const parts: PricePart[] = [];
    const applies = (condition: string) => {
      const wanted = schema.getType(condition);
      return wanted === type || (isAbstractType(wanted) && schema.isSubType(wanted, type));
    };
    for (const node of expandFragments(draft.fragments, set, applies)) {
      const definition = type.getFields()[node.name.value];
      const meta = introspectionField(node);
      const part = meta ? introspectionPart(draft, node, meta) : definition && fieldPart(draft, node, type, definition);
      if (typeof part === 'object') parts.push(part);
      // `__typename` costs as much as any other field.
      else fixed += part ?? 1;
    }
    return { fixed, parts };
  }

  /** The price of a field; a number if it does not depend on variables. */
  function fieldPart(
    draft: Draft,
    node: FieldNode,
    type: GraphQLObjectType,
    definition: GraphQLField<unknown, unknown>,
  ): number | PricePart {
    const { own = 0, rows = 1, count } = costs.get(`${type.name}.${definition.name}`) ?? {};
    const below = getNamedType(definition.type);
    const priceBelow = node.selectionSet ? selectionPrice(draft, node.selectionSet, below) : nothing;
    const givenOf =
      (variables: VariableValues): Given =>
      (name) => {
        const argument = node.arguments?.find((one) => one.name.value === name);
        return argument && valueFromASTUntyped(argument.value, variables);
      };
    const part: PricePart = {
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
  ): number | PricePart {
    const price = (variables: VariableValues) =>
      introspectionPrice(schema, node, (set) => expandFragments(fragments, set), variables, budget);
    const isFixed = !containsVariable(node) && ![...fragments.values()].some(containsVariable);
    if (isFixed) return price({});
    return { price, rows: () => 0, below: nothing, node, definition, count: undefined };
  }

  return formulaOf;
}

function highestOf(prices: readonly PriceFormula[]): PriceFormula {
  if (!prices.every(isFixedPrice)) return { ...nothing, oneOf: prices };
  return { fixed: Math.max(0, ...prices.map(({ fixed }) => fixed)), parts: [] };
}
