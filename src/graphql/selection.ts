import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { FieldExtensions } from './builder.ts';

/**
 * The field nodes selected below `selections`, fragments opened; `@skip` and `@include` count as selected. Each
 * fragment is opened once, however often it is spread: fragments that spread fragments twice would multiply.
 */
export function selectedFields(selections: SelectionSetNode | undefined, info: GraphQLResolveInfo): FieldNode[] {
  const found: FieldNode[] = [];
  const opened = new Set<string>();
  const open = (inner: SelectionSetNode | undefined): void => {
    for (const selection of inner?.selections ?? []) {
      if (selection.kind === Kind.FIELD) found.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) open(selection.selectionSet);
      else if (!opened.has(selection.name.value)) {
        opened.add(selection.name.value);
        open(info.fragments[selection.name.value]?.selectionSet);
      }
    }
  };
  open(selections);
  return found;
}

const remembered = new WeakMap<FieldNode, readonly string[]>();

/**
 * The columns that the fields selected below this one are made of; `fallback` where they need none.
 * Remembered by the node of a cached document, so a repeated operation does not look again.
 */
export function columnsOf(info: GraphQLResolveInfo, fallback: string): readonly string[] {
  const [node, ...others] = info.fieldNodes;
  const known = node && others.length === 0 ? remembered.get(node) : undefined;
  if (known) return known;
  const type = getNamedType(info.returnType);
  const columns = isObjectType(type) ? columnsOfType(type, info.fieldNodes, info) : [];
  const answer = columns.length === 0 ? [fallback] : columns;
  if (node && others.length === 0) remembered.set(node, answer);
  return answer;
}

/**
 * As `columnsOf`, for the list that stands as `field` inside this field; `fallback` also where it is not selected.
 */
export function columnsBelow(info: GraphQLResolveInfo, field: string, fallback: string): readonly string[] {
  const parent = getNamedType(info.returnType);
  const type = isObjectType(parent) ? getNamedType(parent.getFields()[field]?.type) : undefined;
  const nodes = info.fieldNodes
    .flatMap(({ selectionSet }) => selectedFields(selectionSet, info))
    .filter(({ name }) => name.value === field);
  const columns = isObjectType(type) ? columnsOfType(type, nodes, info) : [];
  return columns.length === 0 ? [fallback] : columns;
}

function columnsOfType(type: GraphQLObjectType, nodes: readonly FieldNode[], info: GraphQLResolveInfo): string[] {
  const fields = type.getFields();
  const columns = new Set<string>();
  for (const node of nodes.flatMap(({ selectionSet }) => selectedFields(selectionSet, info))) {
    const extensions: FieldExtensions | undefined = fields[node.name.value]?.extensions;
    for (const column of extensions?.columns ?? []) columns.add(column);
  }
  return [...columns];
}
