import {
  type ASTNode,
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  getOperationAST,
  Kind,
  visit,
} from 'graphql';
import { rightsKey } from '../auth/viewer.ts';
import { type GraphQLContext, renewContext } from '../schema/context.ts';
import { rootOf } from './errors.ts';
import type { Operations } from './operations.ts';

/** A valid subscription operation and its context. */
export interface SubscriptionArguments {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
  readonly contextValue: GraphQLContext;
}

/** The results of a subscription, read at the client's pace. */
export type ResultStream = AsyncIterableIterator<ExecutionResult>;

/**
 * Starts a subscription; the result has `errors` if it cannot start. An event that several subscriptions receive is
 * executed once for all with the same viewer and document.
 */
export async function subscribe(
  operations: Operations,
  { document, operationName, variableValues, contextValue }: SubscriptionArguments,
): Promise<ResultStream | ExecutionResult> {
  const refusal = await operations.refusal(document, operationName, variableValues, contextValue);
  if (refusal) return { errors: [refusal] };
  const source = await createSourceEventStream({
    schema: operations.schema,
    document,
    operationName: operationName ?? null,
    variableValues: variableValues ?? {},
    contextValue,
  });
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]() as AsyncIterator<object, undefined>;
  const { viewer } = contextValue;
  const key = resultKey(document, operationName ?? '', variableValues ?? {});
  const resultOf = (event: object): Promise<ExecutionResult> | ExecutionResult => {
    const cached = results.get(event) ?? new Map<string, Promise<ExecutionResult> | ExecutionResult>();
    results.set(event, cached);
    // The key is built on demand, because storing it per subscription would cost too much memory.
    const keyOfViewer = `${rightsKey(viewer)} ${key}`;
    const result =
      cached.get(keyOfViewer) ??
      operations.execute(document, operationName, variableValues, renewContext(contextValue), event);
    cached.set(keyOfViewer, result);
    return result;
  };
  const toResult = ({ done, value }: IteratorResult<object, undefined>): StreamResult | Promise<StreamResult> => {
    if (done) return finished;
    const result = resultOf(value);
    return result instanceof Promise
      ? result.then((executed) => yieldResult(value, executed))
      : yieldResult(value, result);
  };
  return {
    // Not an async function: a pending one would keep its stack frame in memory for every subscription.
    next: () => events.next().then(toResult),
    async return() {
      await events.return?.();
      return finished;
    },
    [Symbol.asyncIterator]: returnThis,
  };
}

/** Shared by all streams: a function per stream would cost each a hidden class of its own. */
function returnThis<Stream>(this: Stream): Stream {
  return this;
}

type StreamResult = IteratorResult<ExecutionResult, undefined>;
const finished: StreamResult = { done: true, value: undefined };

function yieldResult(event: object, result: ExecutionResult): StreamResult {
  if ('cursor' in event && typeof event.cursor === 'string') resumePoints.set(result, event.cursor);
  return { done: false, value: result };
}

/** The original error of a failed subscription or event. */
export function failureOf({ errors = [] }: ExecutionResult): unknown {
  return rootOf(errors[0]) ?? new Error('A subscription failed without an error.');
}

const results = new WeakMap<object, Map<string, Promise<ExecutionResult> | ExecutionResult>>();
const resumePoints = new WeakMap<ExecutionResult, string>();

/** The cursor from which to resume after this result, if it has one. */
export function resumePointOf(result: ExecutionResult): string | undefined {
  return resumePoints.get(result);
}

interface Shape {
  /** Identifies the document and the operation. */
  readonly key: string;
  /** Variables used outside the arguments of the root field; the results of events depend on these. */
  readonly variables: readonly string[];
}

const shapes = new WeakMap<DocumentNode, Map<string, Shape>>();
let shapeCount = 0;

function shapeOf(document: DocumentNode, operationName: string): Shape {
  const cached = shapes.get(document) ?? new Map<string, Shape>();
  shapes.set(document, cached);
  const shape = cached.get(operationName) ?? {
    key: `${++shapeCount}`,
    variables: variablesOf(document, operationName),
  };
  cached.set(operationName, shape);
  return shape;
}

/** A key for everything that the result depends on, apart from the event and the viewer. */
function resultKey(
  document: DocumentNode,
  operationName: string,
  variables: Readonly<Record<string, unknown>>,
): string {
  const { key, variables: names } = shapeOf(document, operationName);
  return names.length === 0 ? key : JSON.stringify([key, names.map((name) => variables[name])]);
}

function variablesOf(document: DocumentNode, operationName: string): string[] {
  const names = new Set<string>();
  const operation = getOperationAST(document, operationName || null);
  const collect = (node: ASTNode) =>
    visit(node, {
      [Kind.VARIABLE_DEFINITION]: () => false,
      [Kind.VARIABLE]: ({ name }) => void names.add(name.value),
    });
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) collect(definition);
  for (const selection of operation?.selectionSet.selections ?? []) {
    // All variables of a root field in a fragment count. So fewer results are shared, but different results never are.
    collect(selection.kind === Kind.FIELD ? { ...selection, arguments: [] } : selection);
  }
  return [...names].sort();
}
