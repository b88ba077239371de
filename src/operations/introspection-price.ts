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

/** Fields that are looked at before counting is given up: a whole introspection has a few thousand. */
const lookedMost = 100_000;

/** The field that asks what the schema says of itself, where it is one. */
export function introspectionField({ name }: FieldNode): GraphQLField<unknown, unknown> | undefined {
  return [SchemaMetaFieldDef, TypeMetaFieldDef].find((definition) => definition.name === name.value);
}

/**
 * How many fields an answer about the schema has: counted along the schema itself, since its lists are known. The
 * same selection on the same thing is counted once. Where that takes too long, the answer is more than `most`.
 * @param opened gives the fields of a selection, its fragments opened.
 */
export function introspectionPrice(
  schema: GraphQLSchema,
  root: FieldNode,
  opened: (set: SelectionSetNode) => readonly FieldNode[],
  variables: VariableValues,
  most: number,
): number {
  const known = new Map<SelectionSetNode, Map<unknown, number>>();
  const selections = new Map<SelectionSetNode, readonly FieldNode[]>();
  let looked = 0;
  // Without what is paid more than once, so never more than the price.
  let least = 0;
  const isOver = () => looked > lookedMost || least > most;

  function fieldsOf(set: SelectionSetNode): readonly FieldNode[] {
    const fields = selections.get(set) ?? opened(set);
    selections.set(set, fields);
    return fields;
  }

  function objectPrice(set: SelectionSetNode, type: GraphQLObjectType, source: unknown): number {
    const prices = known.get(set) ?? new Map<unknown, number>();
    known.set(set, prices);
    const price = prices.get(source);
    if (price !== undefined) return price;
    const fields = fieldsOf(set);
    looked += fields.length;
    let sum = fields.length;
    least += sum;
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
    // Where nothing is selected below, all items cost the same.
    const fields = fieldsOf(selectionSet);
    if (fields.every((field) => !field.selectionSet)) {
      least += items.length * fields.length;
      return items.length * fields.length;
    }
    return items.reduce<number>((sum, item) => sum + objectPrice(selectionSet, type, item), 0);
  }

  function itemsOf(node: FieldNode, definition: GraphQLField<unknown, unknown>, source: unknown): unknown[] {
    try {
      const args = getArgumentValues(definition, node, variables);
      // What resolves introspection reads nothing else of it.
      const value = definition.resolve?.(source, args, undefined, { schema } as GraphQLResolveInfo);
      return [value].flat().filter((item) => item !== null && item !== undefined);
    } catch {
      // An argument that does not fit is refused when it runs.
      return [];
    }
  }

  const definition = introspectionField(root);
  const price = 1 + (definition ? below(root, definition, undefined) : 0);
  return isOver() ? Math.max(price, most + 1) : price;
}
