import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { FieldExtensions } from './builder.ts';

/**
 * The field nodes selected below `selections`, with fragments expanded; fields with `@skip` and `@include` are
 * included. Each fragment is expanded once, because nested spreads would multiply.
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

const cachedNames = new WeakMap<FieldNode, ReadonlySet<string>>();

/** The names of the fields selected directly below this one. Cached like `columnsOf`. */
export function namesBelow(info: GraphQLResolveInfo): ReadonlySet<string> {
  const [node, ...others] = info.fieldNodes;
  const cached = node && others.length === 0 ? cachedNames.get(node) : undefined;
  if (cached) return cached;
  const fields = info.fieldNodes.flatMap(({ selectionSet }) => selectedFields(selectionSet, info));
  const names = new Set(fields.map(({ name }) => name.value));
  if (node && others.length === 0) cachedNames.set(node, names);
  return names;
}

const cachedColumns = new WeakMap<FieldNode, readonly string[]>();

/**
 * The columns needed by the fields selected below this one; `fallback` if they need none. Cached by the node of the
 * document, so repeated operations do not compute it again.
 */
export function columnsOf(info: GraphQLResolveInfo, fallback: string): readonly string[] {
  const [node, ...others] = info.fieldNodes;
  const cached = node && others.length === 0 ? cachedColumns.get(node) : undefined;
  if (cached) return cached;
  const type = getNamedType(info.returnType);
  const columns = isObjectType(type) ? columnsOfType(type, info.fieldNodes, info) : [];
  const answer = columns.length === 0 ? [fallback] : columns;
  if (node && others.length === 0) cachedColumns.set(node, answer);
  return answer;
}

/** An object selected below a field by a single node without arguments and directives. */
export interface PlainRelation {
  readonly name: string;
  /** The same array that `columnsOf` returns there. */
  readonly columns: readonly string[];
}

const relations = new WeakMap<FieldNode, readonly PlainRelation[]>();

/** The plain relations directly below this field; `fallback` and caching as in `columnsOf`. */
export function plainRelations(info: GraphQLResolveInfo, fallback: string): readonly PlainRelation[] {
  const [node, ...others] = info.fieldNodes;
  if (node === undefined || others.length > 0) return [];
  const cached = relations.get(node);
  if (cached) return cached;
  const type = getNamedType(info.returnType);
  const fields = isObjectType(type) ? type.getFields() : {};
  const selected = selectedFields(node.selectionSet, info);
  const found = selected.flatMap((one): PlainRelation[] => {
    const keyOf = ({ alias, name }: FieldNode) => (alias ?? name).value;
    const isAlone = selected.every((other) => other === one || keyOf(other) !== keyOf(one));
    const isPlain = isAlone && one.selectionSet && !one.arguments?.length && !one.directives?.length;
    if (!isPlain) return [];
    const inner = getNamedType(fields[one.name.value]?.type);
    return isObjectType(inner) ? [{ name: one.name.value, columns: columnsOfNode(inner, one, info, fallback) }] : [];
  });
  relations.set(node, found);
  return found;
}

function columnsOfNode(type: GraphQLObjectType, node: FieldNode, info: GraphQLResolveInfo, fallback: string) {
  const cached = cachedColumns.get(node);
  if (cached) return cached;
  const columns = columnsOfType(type, [node], info);
  const answer = columns.length === 0 ? [fallback] : columns;
  cachedColumns.set(node, answer);
  return answer;
}

const cachedBelow = new WeakMap<FieldNode, Map<string, readonly string[]>>();

/** Like `columnsOf`, for a path of fields below this field; `fallback` also if it is not selected. */
export function columnsBelow(info: GraphQLResolveInfo, path: readonly string[], fallback: string): readonly string[] {
  const [node, ...others] = info.fieldNodes;
  if (node === undefined || others.length > 0) return findColumnsBelow(info, path, fallback);
  const cached = cachedBelow.get(node) ?? new Map<string, readonly string[]>();
  cachedBelow.set(node, cached);
  const key = path.join('.');
  const columns = cached.get(key) ?? findColumnsBelow(info, path, fallback);
  cached.set(key, columns);
  return columns;
}

function findColumnsBelow(info: GraphQLResolveInfo, path: readonly string[], fallback: string): readonly string[] {
  let type: GraphQLNamedType | undefined = getNamedType(info.returnType);
  let nodes: readonly FieldNode[] = info.fieldNodes;
  for (const name of path) {
    type = isObjectType(type) ? getNamedType(type.getFields()[name]?.type) : undefined;
    nodes = nodes
      .flatMap(({ selectionSet }) => selectedFields(selectionSet, info))
      .filter((node) => node.name.value === name);
  }
  const columns = isObjectType(type) ? columnsOfType(type, nodes, info) : [];
  return columns.length === 0 ? [fallback] : columns;
}

/** Like `columnsOf`, for the objects of one type, where the field may return objects of several types. */
export function columnsOfPossibleType(type: string, info: GraphQLResolveInfo): readonly string[] {
  const possible = info.schema.getType(type);
  return isObjectType(possible) ? columnsOfType(possible, info.fieldNodes, info) : [];
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
