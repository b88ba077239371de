import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLID,
  GraphQLIncludeDirective,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  GraphQLString,
  getDirectiveValues,
  type InlineFragmentNode,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';

/** An operation of a valid document, with all parts of the document that running it needs. */
export interface Plan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly rootType: GraphQLObjectType;
  /** The root fields; collected by the first run. */
  root: SelectionPlan | undefined;
}

/** The coerced variables of a run. */
export type VariableValues = Readonly<Record<string, unknown>>;

/** The merged fields of one object, in response order. */
export interface SelectionPlan {
  readonly fields: readonly FieldPlan[];
  /**
   * Whether objects need a null prototype, because a response key such as `__proto__` cannot be set on an ordinary
   * object.
   */
  readonly isNullPrototyped: boolean;
  /** Number of characters that the keys and their punctuation take in each object. */
  readonly keysSize: number;
}

/** One field of a response. */
export interface FieldPlan {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly name: string;
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | undefined;
  readonly shape: Shape;
  /** True if the field only reads a scalar property of its parent object. */
  readonly isColumn: boolean;
  /** The selected fields by object type; collected by the first run that needs them. */
  readonly below: Map<GraphQLObjectType, SelectionPlan>;
}

/** A type in the form used to complete values; `keepsTexts`: it serializes every text as the same text. */
export type Shape = { readonly isNonNull: boolean } & (
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType; readonly keepsTexts: boolean }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType }
  | { readonly kind: 'abstract'; readonly type: GraphQLAbstractType }
);

/** @throws GraphQLError when the schema has no root type for the operation. */
export function planOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Plan {
  const rootType = schema.getRootType(operation.operation);
  if (!rootType) throw new GraphQLError(`The schema has no ${operation.operation}.`, { nodes: operation });
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return { schema, operation, fragments, rootType, root: undefined };
}

/** @throws GraphQLError when the variable of an `@include` or `@skip` has no value. */
export function rootSelection(plan: Plan, variables: VariableValues): SelectionPlan {
  plan.root ??= collect(plan, plan.rootType, [plan.operation.selectionSet], variables);
  return plan.root;
}

/** @throws GraphQLError when the variable of an `@include` or `@skip` has no value. */
export function selectionBelow(
  plan: Plan,
  field: FieldPlan,
  type: GraphQLObjectType,
  variables: VariableValues,
): SelectionPlan {
  const cached = field.below.get(type);
  if (cached) return cached;
  const sets = field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const selection = collect(plan, type, sets, variables);
  field.below.set(type, selection);
  return selection;
}

/** Number of punctuation characters per key: two quotation marks, a colon and a comma. */
const keyMarks = 4;

/** Expands fragments, applies `@skip` and `@include`, and merges fields with the same response key. */
function collect(
  { schema, fragments }: Plan,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  variables: VariableValues,
): SelectionPlan {
  const found = new Map<string, FieldNode[]>();
  const expanded = new Set<string>();
  const applies = ({ typeCondition }: InlineFragmentNode | FragmentDefinitionNode) => {
    if (!typeCondition || typeCondition.name.value === type.name) return true;
    const wider = schema.getType(typeCondition.name.value);
    return isAbstractType(wider) && schema.isSubType(wider, type);
  };
  const expand = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      // A fragment is expanded once, at its first spread.
      if (selection.kind === Kind.FRAGMENT_SPREAD && expanded.has(selection.name.value)) continue;
      if (!isIncluded(selection, variables)) continue;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        expanded.add(selection.name.value);
        const fragment = fragments[selection.name.value];
        if (fragment && applies(fragment)) expand(fragment.selectionSet);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selection)) expand(selection.selectionSet);
      } else {
        const key = (selection.alias ?? selection.name).value;
        const cached = found.get(key);
        if (cached) cached.push(selection);
        else found.set(key, [selection]);
      }
    }
  };
  sets.forEach(expand);
  const fields = [...found].flatMap(([key, nodes]) => fieldPlan(schema, type, key, nodes));
  const keysSize = fields.reduce((sum, { key }) => sum + key.length + keyMarks, 0);
  return { fields, isNullPrototyped: found.has('__proto__'), keysSize };
}

/** Whether a selection is included; `@skip` has precedence over `@include`. */
function isIncluded(node: FieldNode | FragmentSpreadNode | InlineFragmentNode, variables: VariableValues): boolean {
  if (!node.directives || node.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false;
}

function fieldPlan(
  schema: GraphQLSchema,
  parentType: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
): FieldPlan[] {
  const name = nodes[0]?.name.value ?? '';
  const definition = definitionOf(schema, parentType, name);
  // Cannot happen in a valid document.
  if (!definition) return [];
  const { resolve, args } = definition;
  const shape = shapeOf(definition.type);
  const isColumn = resolve === undefined && shape.kind === 'leaf' && args.length === 0;
  return [{ key, nodes, parentType, definition, name, resolve, shape, isColumn, below: new Map() }];
}

function definitionOf(
  schema: GraphQLSchema,
  parentType: GraphQLObjectType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (parentType === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return parentType.getFields()[name];
}

const shapes = new WeakMap<GraphQLOutputType, Shape>();

function shapeOf(type: GraphQLOutputType): Shape {
  const cached = shapes.get(type);
  if (cached) return cached;
  const shape = newShape(type);
  shapes.set(type, shape);
  return shape;
}

function newShape(type: GraphQLOutputType): Shape {
  const isNonNull = isNonNullType(type);
  const inner = isNonNull ? type.ofType : type;
  if (isListType(inner)) return { kind: 'list', isNonNull, item: shapeOf(inner.ofType) };
  if (isLeafType(inner)) {
    return { kind: 'leaf', isNonNull, type: inner, keepsTexts: inner === GraphQLString || inner === GraphQLID };
  }
  if (isAbstractType(inner)) return { kind: 'abstract', isNonNull, type: inner };
  return { kind: 'object', isNonNull, type: inner };
}
