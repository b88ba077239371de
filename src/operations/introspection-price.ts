import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isObjectType,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import type { VariableValues } from './plan.ts';

/** Maximum number of fields visited before counting stops; a full introspection has a few thousand. */
const maxVisited = 100_000;

/** The definition of `__schema` or `__type`; undefined for other fields. */
export function introspectionField({ name }: FieldNode): GraphQLField<unknown, unknown> | undefined {
  return [SchemaMetaFieldDef, TypeMetaFieldDef].find((definition) => definition.name === name.value);
}

/**
 * The number of fields in an introspection response. It is counted by walking through the schema; the count of a
 * selection on the same object is computed once and reused. If counting stops early, the result is greater than
 * `limit`.
 * @param expand returns the fields of a selection with its fragments expanded.
 */
export function introspectionPrice(
  schema: GraphQLSchema,
  root: FieldNode,
  expand: (set: SelectionSetNode) => readonly FieldNode[],
  variables: VariableValues,
  limit: number,
): number {
  const cached = new Map<SelectionSetNode, Map<unknown, number>>();
  const selections = new Map<SelectionSetNode, readonly FieldNode[]>();
  let visited = 0;
  // A lower bound of the price, in which reused counts are included only once.
  let lowerBound = 0;
  const isOver = () => visited > maxVisited || lowerBound > limit;

  function fieldsOf(set: SelectionSetNode): readonly FieldNode[] {
    const fields = selections.get(set) ?? expand(set);
    selections.set(set, fields);
    return fields;
  }

  function objectPrice(set: SelectionSetNode, type: GraphQLObjectType, source: unknown): number {
    const prices = cached.get(set) ?? new Map<unknown, number>();
    cached.set(set, prices);
    const price = prices.get(source);
    if (price !== undefined) return price;
    const fields = fieldsOf(set);
    visited += fields.length;
    let sum = fields.length;
    lowerBound += sum;
    for (const node of fields) {
      const definition = type.getFields()[node.name.value];
      if (isOver()) break;
      if (definition && node.selectionSet) sum += below(node, definition, source);
    }
    prices.set(source, sum);
    return sum;
  }

  function below(node: FieldNode, definition: GraphQLField<unknown, unknown>, source: unknown): number {
    const type = getNamedType(definition.type);
    const { selectionSet } = node;
    if (!selectionSet || !isObjectType(type)) return 0;
    const items = itemsOf(node, definition, source);
    // Without nested selections, all items cost the same.
    const fields = fieldsOf(selectionSet);
    if (fields.every((field) => !field.selectionSet)) {
      lowerBound += items.length * fields.length;
      return items.length * fields.length;
    }
    return items.reduce<number>((sum, item) => sum + objectPrice(selectionSet, type, item), 0);
  }

  function itemsOf(node: FieldNode, definition: GraphQLField<unknown, unknown>, source: unknown): unknown[] {
    try {
      const args = getArgumentValues(definition, node, variables);
      // Introspection resolvers use only the schema of this argument.
      const value = definition.resolve?.(source, args, undefined, { schema } as GraphQLResolveInfo);
      return [value].flat().filter((item) => item !== null && item !== undefined);
    } catch {
      // Invalid arguments are rejected when the operation runs.
      return [];
    }
  }

  const definition = introspectionField(root);
  const price = 1 + (definition ? below(root, definition, undefined) : 0);
  return isOver() ? Math.max(price, limit + 1) : price;
}
