import {
  type GraphQLError,
  type GraphQLResolveInfo,
  getArgumentValues,
  locatedError,
  responsePathAsArray,
} from 'graphql';
import type { FieldPlan, Plan, Shape, VariableValues } from './plan.ts';

/** A place in an answer. */
export type Path = GraphQLResolveInfo['path'];

/** One run of a plan: what it was given, and what it found out so far. */
export interface Run {
  readonly plan: Plan;
  readonly variables: VariableValues;
  readonly context: unknown;
  readonly root: unknown;
  readonly errors: GraphQLError[];
  /** The places that are null because of an error; `undefined` is the whole answer. */
  readonly nulled: Set<Path | undefined>;
  readonly args: Map<FieldPlan, Record<string, unknown>>;
  /** Characters of the answer so far, about as JSON has them, and how many it may have. */
  size: number;
  readonly sizeMax: number;
}

/** An error of a place that is null already, or below one, is told no more. */
export function note({ errors, nulled }: Run, error: GraphQLError, path: Path | undefined): void {
  for (let place = path; place !== undefined; place = place.prev) if (nulled.has(place)) return;
  if (nulled.has(undefined)) return;
  nulled.add(path);
  errors.push(error);
}

/**
 * The arguments of a field, taken from literals and variables by graphql-js itself, once for all objects of a run.
 * @throws GraphQLError for a value that does not fit.
 */
export function argumentsOf({ args, variables }: Run, field: FieldPlan): Record<string, unknown> {
  const known = args.get(field);
  if (known) return known;
  const [node] = field.nodes;
  if (!node) throw new Error('A field has no node.');
  const taken = getArgumentValues(field.definition, node, variables);
  args.set(field, taken);
  return taken;
}

/** What a field without a resolver shows: a property of the object above, or what a method of it answers. */
export function propertyOf(state: Run, field: FieldPlan, source: unknown, path: Path, args: object): unknown {
  if ((typeof source !== 'object' && typeof source !== 'function') || source === null) return undefined;
  const property = (source as Readonly<Record<string, unknown>>)[field.name];
  if (typeof property !== 'function') return property;
  return property.call(source, args, state.context, infoOf(state, field, path));
}

/** What a resolver is told of its place. */
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
    // graphql-js types them as if they could be changed.
    variableValues: variables as Record<string, unknown>,
  };
}

/**
 * Null where the type allows it.
 * @throws the error, located, for the place above, where it does not.
 */
export function fail(state: Run, thrown: unknown, field: FieldPlan, { isNonNull }: Shape, path: Path): null {
  const error = locatedError(thrown, field.nodes, responsePathAsArray(path));
  if (isNonNull) throw error;
  note(state, error, path);
  return null;
}

/** Whether the answer has become larger than one may be: then nothing more is made of it. */
export function isTooLarge({ size, sizeMax }: Run): boolean {
  return size > sizeMax;
}

/** The characters that a value takes in an answer, about. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return smallest;
  let size = smallest;
  // A list has its indexes for keys.
  for (const [key, inner] of Object.entries(value)) size += key.length + sizeOf(inner);
  return size;
}

const smallest = 4;
