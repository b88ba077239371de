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
import { argumentsOf, fail, infoOf, isTooLarge, note, type Path, propertyOf, type Run, sizeOf } from './run-state.ts';
import { withRuntimeType } from './runtime-type.ts';

/**
 * Runs operations as graphql-js does, step by step, so that the same values, errors and orders come out: a test runs
 * thousands of random documents through both. What makes it faster is what it does once instead of for every object:
 * fields are collected once per plan, arguments once per run, and a property that needs no resolver is only read.
 */

/** A value of an answer, or what will become one. */
type Completed = unknown;

/** What a plan is run with. */
export interface RunOptions {
  readonly variables: VariableValues;
  readonly context: unknown;
  /** What the fields of the root read: an event of a subscription, or nothing. */
  readonly root: unknown;
  /** Most characters of the answer. One that becomes larger is given up: it is an error and no data. */
  readonly sizeMax: number;
}

export function run(plan: Plan, options: RunOptions): Promise<ExecutionResult> | ExecutionResult {
  const { variables, root } = options;
  const state: Run = { plan, ...options, errors: [], nulled: new Set(), args: new Map(), size: 0 };
  const failed = (error: unknown) => {
    // Whatever comes here was located on its way, or was thrown for a condition without a value.
    note(state, error as GraphQLError, undefined);
    return answer(state, null);
  };
  try {
    const selection = rootSelection(plan, variables);
    const isSerial = plan.operation.operation === OperationTypeNode.MUTATION;
    const data = isSerial ? fieldsInTurn(state, selection, root) : fieldsAtOnce(state, selection, root, undefined);
    return isPromise(data) ? data.then((done) => answer(state, done), failed) : answer(state, data);
  } catch (error) {
    return failed(error);
  }
}

function answer(state: Run, data: unknown): ExecutionResult {
  if (isTooLarge(state)) {
    return { errors: [new GraphQLError(`The answer is larger than ${state.sizeMax} characters, so it was given up.`)] };
  }
  const { errors } = state;
  // What is made of a selection is an object.
  const made = data as Record<string, unknown> | null;
  return errors.length === 0 ? { data: made } : { errors, data: made };
}

function objectFor({ isNullPrototyped }: SelectionPlan): Record<string, Completed> {
  return isNullPrototyped ? Object.create(null) : {};
}

function fieldsInTurn(state: Run, selection: SelectionPlan, source: unknown): Completed {
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

function fieldsAtOnce(state: Run, selection: SelectionPlan, source: unknown, path: Path | undefined): Completed {
  const results = objectFor(selection);
  state.size += selection.keysSize;
  if (isTooLarge(state)) return results;
  let isWaiting = false;
  try {
    for (const field of selection.fields) {
      const value = readField(state, field, source, path);
      results[field.key] = value;
      if (isPromise(value)) isWaiting = true;
    }
  } catch (error) {
    if (!isWaiting) throw error;
    // What has begun is waited for, as it may fail as well.
    return settled(selection, results).finally(() => {
      throw error;
    });
  }
  return isWaiting ? settled(selection, results) : results;
}

function settled(selection: SelectionPlan, results: Readonly<Record<string, Completed>>): Promise<Completed> {
  return Promise.all(Object.values(results)).then((values) => {
    const whole = objectFor(selection);
    Object.keys(results).forEach((key, index) => {
      whole[key] = values[index];
    });
    return whole;
  });
}

/** A column that is there as the field shows it is taken at once; anything else takes the long way. */
function readField(state: Run, field: FieldPlan, source: unknown, prev: Path | undefined): Completed {
  const { key, name, shape, parentType } = field;
  if (field.isColumn && shape.kind === 'leaf' && typeof source === 'object' && source !== null) {
    const value = (source as Readonly<Record<string, unknown>>)[name];
    if (value == null && !shape.isNonNull) return null;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      try {
        return serialized(state, shape, value);
      } catch (error) {
        return fail(state, error, field, shape, { prev, key, typename: parentType.name });
      }
    }
  }
  return resolveField(state, field, source, { prev, key, typename: parentType.name });
}

function resolveField(state: Run, field: FieldPlan, source: unknown, path: Path): Completed {
  const { shape } = field;
  try {
    const args = argumentsOf(state, field);
    const value = field.resolve
      ? field.resolve(source, args, state.context, infoOf(state, field, path))
      : propertyOf(state, field, source, path, args);
    const completed = isPromise(value)
      ? value.then((done) => complete(state, field, shape, done, path))
      : complete(state, field, shape, value, path);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (error: unknown) => fail(state, error, field, shape, path));
  } catch (error) {
    return fail(state, error, field, shape, path);
  }
}

function complete(state: Run, field: FieldPlan, shape: Shape, value: unknown, path: Path): Completed {
  if (value instanceof Error) throw value;
  if (value === null || value === undefined) {
    if (!shape.isNonNull) return null;
    throw new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.name}.`);
  }
  switch (shape.kind) {
    case 'leaf':
      return serialized(state, shape, value);
    case 'list':
      return completeList(state, field, shape.item, value, path);
    case 'object':
      return completeObject(state, field, shape.type, value, path);
    case 'abstract': {
      const info = infoOf(state, field, fieldAt(path));
      const go = (type: GraphQLObjectType) => completeObject(state, field, type, value, path);
      return withRuntimeType({ type: shape.type, value, context: state.context, info }, go);
    }
  }
}

/** The place of the field, of whatever item of its lists. */
function fieldAt(path: Path): Path {
  return path.typename === undefined && path.prev ? fieldAt(path.prev) : path;
}

function completeObject(state: Run, field: FieldPlan, type: GraphQLObjectType, value: unknown, path: Path): Completed {
  const selection = selectionBelow(state.plan, field, type, state.variables);
  return fieldsAtOnce(state, selection, value, path);
}

function serialized(state: Run, { type }: Extract<Shape, { kind: 'leaf' }>, value: unknown): unknown {
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
  let isWaiting = false;
  try {
    for (const item of value as Iterable<unknown>) {
      const completed = completeItem(state, field, shape, item, { prev: path, key: items.length, typename: undefined });
      if (isPromise(completed)) isWaiting = true;
      items.push(completed);
    }
  } catch (error) {
    // Nobody waits for those that have begun; what they fail with is told by nobody.
    if (isWaiting) void Promise.allSettled(items);
    throw error;
  }
  return isWaiting ? Promise.all(items) : items;
}

function completeItem(state: Run, field: FieldPlan, shape: Shape, item: unknown, path: Path): Completed {
  try {
    const completed = isPromise(item)
      ? item.then((done) => complete(state, field, shape, done, path))
      : complete(state, field, shape, item, path);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (error: unknown) => fail(state, error, field, shape, path));
  } catch (error) {
    return fail(state, error, field, shape, path);
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
