import {
  type GraphQLError,
  type GraphQLResolveInfo,
  getArgumentValues,
  locatedError,
  responsePathAsArray,
} from 'graphql';
import type { FieldPlan, Plan, Shape, VariableValues } from './plan.ts';

/** A path in a response. */
export type Path = GraphQLResolveInfo['path'];

/** One run of a plan: its inputs and its state. */
export interface Run {
  readonly plan: Plan;
  readonly variables: VariableValues;
  readonly context: unknown;
  readonly root: unknown;
  readonly errors: GraphQLError[];
  /** Paths that are null because of an error; `undefined` means the whole response. */
  readonly nulled: Set<Path | undefined>;
  readonly args: Map<FieldPlan, Record<string, unknown>>;
  /** Approximate number of characters in the response so far, and the maximum. */
  size: number;
  readonly sizeMax: number;
}

/** Adds an error unless its path, or one above it, is already null because of another error. */
export function addError({ errors, nulled }: Run, error: GraphQLError, path: Path | undefined): void {
  for (let at = path; at !== undefined; at = at.prev) if (nulled.has(at)) return;
  if (nulled.has(undefined)) return;
  nulled.add(path);
  errors.push(error);
}

/** The arguments of all fields that have none. */
const noArguments: Record<string, unknown> = Object.freeze({});

/**
 * The arguments of a field, evaluated by graphql-js once for all objects of a run.
 * @throws GraphQLError for an invalid value.
 */
export function argumentsOf({ args, variables }: Run, field: FieldPlan): Record<string, unknown> {
  if (field.definition.args.length === 0) return noArguments;
  const cached = args.get(field);
  if (cached) return cached;
  const [node] = field.nodes;
  if (!node) throw new Error('A field has no node.');
  const values = getArgumentValues(field.definition, node, variables);
  args.set(field, values);
  return values;
}

/** The value of a field without a resolver: a property of its parent object, or the result of a method. */
export function propertyOf(state: Run, field: FieldPlan, source: unknown, path: Path, args: object): unknown {
  if ((typeof source !== 'object' && typeof source !== 'function') || source === null) return undefined;
  const property = (source as Readonly<Record<string, unknown>>)[field.name];
  if (typeof property !== 'function') return property;
  return property.call(source, args, state.context, infoOf(state, field, path));
}

/** The `info` argument of a resolver. */
export function infoOf({ plan, variables, root }: Run, field: FieldPlan, path: Path): GraphQLResolveInfo {
  const { schema, fragments, operation } = plan;
  return {
    fieldName: field.name,
    fieldNodes: field.nodes,
    returnType: field.definition.type,
    parentType: field.parentType,
    path,
    schema,
    fragments,
    rootValue: root,
    operation,
    // graphql-js declares the type as mutable.
    variableValues: variables as Record<string, unknown>,
  };
}

/**
 * Records the error and returns null if the type allows it.
 * @throws the located error otherwise, so that the parent of the field becomes null.
 */
export function fail(state: Run, thrown: unknown, field: FieldPlan, { isNonNull }: Shape, path: Path): null {
  const error = locatedError(thrown, field.nodes, responsePathAsArray(path));
  if (isNonNull) throw error;
  addError(state, error, path);
  return null;
}

/** Whether the response exceeds its maximum size; then execution stops. */
export function isTooLarge({ size, sizeMax }: Run): boolean {
  return size > sizeMax;
}

/** Approximate number of characters of a value in the response. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return minSize;
  let size = minSize;
  // For lists, the indexes count as keys.
  for (const [key, inner] of Object.entries(value)) size += key.length + sizeOf(inner);
  return size;
}

/** Size counted for a value that is not a string. */
const minSize = 4;
