import { type ExecutionResult, GraphQLError, type GraphQLObjectType, OperationTypeNode } from 'graphql';
import {
  type FieldPlan,
  type Plan,
  rootSelection,
  type SelectionPlan,
  type Shape,
  selectionBelow,
  type VariableValues,
} from './plan.ts';
import {
  addError,
  argumentsOf,
  fail,
  infoOf,
  isTooLarge,
  type Path,
  propertyOf,
  type Run,
  sizeOf,
} from './run-state.ts';
import { withRuntimeType } from './runtime-type.ts';

/**
 * Runs operations in the same steps as graphql-js, so that values, errors and their order are the same; a test compares
 * both on thousands of random documents. It is faster because it does once what graphql-js does for every object:
 * fields are collected once per plan, arguments are evaluated once per run, and a property without a resolver is read
 * directly.
 */

/** A value of the response, or a promise of one. */
type Completed = unknown;

/** The inputs of one run. */
export interface RunOptions {
  readonly variables: VariableValues;
  readonly context: unknown;
  /** The source object of the root fields: the event of a subscription, else undefined. */
  readonly root: unknown;
  /** Maximum number of characters in the response. A larger response becomes an error without data. */
  readonly sizeMax: number;
}

export function run(plan: Plan, options: RunOptions): Promise<ExecutionResult> | ExecutionResult {
  const { variables, root } = options;
  const state: Run = { plan, ...options, errors: [], nulled: new Set(), args: new Map(), size: 0 };
  const failed = (error: unknown) => {
    // These errors already have a location, or are caused by an `@include` or `@skip` whose variable has no value.
    addError(state, error as GraphQLError, undefined);
    return toResult(state, null);
  };
  try {
    const selection = rootSelection(plan, variables);
    const isSerial = plan.operation.operation === OperationTypeNode.MUTATION;
    const data = isSerial
      ? resolveSerially(state, selection, root)
      : resolveConcurrently(state, selection, root, undefined);
    return isPromise(data) ? data.then((done) => toResult(state, done), failed) : toResult(state, data);
  } catch (error) {
    return failed(error);
  }
}

function toResult(state: Run, data: unknown): ExecutionResult {
  if (isTooLarge(state)) {
    return { errors: [new GraphQLError(`The answer is larger than ${state.sizeMax} characters.`)] };
  }
  const { errors } = state;
  // A selection always yields an object.
  const object = data as Record<string, unknown> | null;
  return errors.length === 0 ? { data: object } : { errors, data: object };
}

function objectFor({ isNullPrototyped }: SelectionPlan): Record<string, Completed> {
  return isNullPrototyped ? Object.create(null) : {};
}

function resolveSerially(state: Run, selection: SelectionPlan, source: unknown): Completed {
  const { name } = state.plan.rootType;
  type Results = Record<string, Completed>;
  let before: Results | Promise<Results> = objectFor(selection);
  const next = (results: Results, field: FieldPlan): Results | Promise<Results> => {
    const value = resolveField(state, field, source, { prev: undefined, key: field.key, typename: name });
    if (isPromise(value)) {
      return value.then((done) => {
        results[field.key] = done;
        return results;
      });
    }
    results[field.key] = value;
    return results;
  };
  for (const field of selection.fields) {
    before = before instanceof Promise ? before.then((results) => next(results, field)) : next(before, field);
  }
  return before;
}

function resolveConcurrently(state: Run, selection: SelectionPlan, source: unknown, path: Path | undefined): Completed {
  const results = objectFor(selection);
  state.size += selection.keysSize;
  if (isTooLarge(state)) return results;
  let isPending = false;
  try {
    for (const field of selection.fields) {
      const value = readField(state, field, source, path);
      results[field.key] = value;
      if (isPromise(value)) isPending = true;
    }
  } catch (error) {
    if (!isPending) throw error;
    // Promises that are already pending are awaited, because they may reject as well.
    return awaitFields(selection, results).finally(() => {
      throw error;
    });
  }
  return isPending ? awaitFields(selection, results) : results;
}

function awaitFields(selection: SelectionPlan, results: Readonly<Record<string, Completed>>): Promise<Completed> {
  return Promise.all(Object.values(results)).then((values) => {
    const whole = objectFor(selection);
    Object.keys(results).forEach((key, index) => {
      whole[key] = values[index];
    });
    return whole;
  });
}

/** Reads a scalar column directly; any other field is resolved in full. */
function readField(state: Run, field: FieldPlan, source: unknown, prev: Path | undefined): Completed {
  const { key, name, shape, parentType } = field;
  if (field.isColumn && shape.kind === 'leaf' && typeof source === 'object' && source !== null) {
    const value = (source as Readonly<Record<string, unknown>>)[name];
    if (value == null && !shape.isNonNull) return null;
    if (shape.keepsTexts && typeof value === 'string') {
      state.size += value.length;
      return value;
    }
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      try {
        return serialize(state, shape, value);
      } catch (error) {
        return fail(state, error, field, shape, { prev, key, typename: parentType.name });
      }
    }
  }
  return resolveField(state, field, source, { prev, key, typename: parentType.name });
}

function resolveField(state: Run, field: FieldPlan, source: unknown, path: Path): Completed {
  let value: unknown;
  try {
    const args = argumentsOf(state, field);
    value = field.resolve
      ? field.resolve(source, args, state.context, infoOf(state, field, path))
      : propertyOf(state, field, source, path, args);
  } catch (error) {
    return fail(state, error, field, field.shape, path);
  }
  return completeOrFail(state, field, field.shape, value, path);
}

function complete(state: Run, field: FieldPlan, shape: Shape, value: unknown, path: Path): Completed {
  if (value instanceof Error) throw value;
  if (value === null || value === undefined) {
    if (!shape.isNonNull) return null;
    throw new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.name}.`);
  }
  switch (shape.kind) {
    case 'leaf':
      return serialize(state, shape, value);
    case 'list':
      return completeList(state, field, shape.item, value, path);
    case 'object':
      return completeObject(state, field, shape.type, value, path);
    case 'abstract': {
      const info = infoOf(state, field, fieldPath(path));
      const go = (type: GraphQLObjectType) => completeObject(state, field, type, value, path);
      return withRuntimeType({ type: shape.type, value, context: state.context, info }, go);
    }
  }
}

/** The path of the field, without list indexes. */
function fieldPath(path: Path): Path {
  return path.typename === undefined && path.prev ? fieldPath(path.prev) : path;
}

function completeObject(state: Run, field: FieldPlan, type: GraphQLObjectType, value: unknown, path: Path): Completed {
  const selection = selectionBelow(state.plan, field, type, state.variables);
  return resolveConcurrently(state, selection, value, path);
}

function serialize(state: Run, { type }: Extract<Shape, { kind: 'leaf' }>, value: unknown): unknown {
  const shown: unknown = type.serialize(value);
  if (shown === null || shown === undefined) throw new Error(`"${type.name}" serialized a value as null.`);
  state.size += sizeOf(shown);
  return shown;
}

function completeList(state: Run, field: FieldPlan, shape: Shape, value: unknown, path: Path): Completed {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) {
    const { name } = field.parentType;
    throw new GraphQLError(`Expected Iterable, but did not find one for field "${name}.${field.name}".`);
  }
  const items: Completed[] = [];
  let isPending = false;
  try {
    for (const item of value as Iterable<unknown>) {
      const itemPath: Path = { prev: path, key: items.length, typename: undefined };
      const completed = completeOrFail(state, field, shape, item, itemPath);
      if (isPromise(completed)) isPending = true;
      items.push(completed);
    }
  } catch (error) {
    // Other items may still reject; their errors are discarded.
    if (isPending) void Promise.allSettled(items);
    throw error;
  }
  return isPending ? Promise.all(items) : items;
}

/** Completes the value of a field or of an item of a list; it may be a promise. */
function completeOrFail(state: Run, field: FieldPlan, shape: Shape, value: unknown, path: Path): Completed {
  try {
    const completed = isPromise(value)
      ? value.then((done) => complete(state, field, shape, done, path))
      : complete(state, field, shape, value, path);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (error: unknown) => fail(state, error, field, shape, path));
  } catch (error) {
    return fail(state, error, field, shape, path);
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
