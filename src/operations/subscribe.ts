import {
  type ASTNode,
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  getOperationAST,
  Kind,
  visit,
} from 'graphql';
import { type GraphQLContext, renewContext } from '../schema/context.ts';
import { rootOf } from './errors.ts';
import type { Operations } from './operations.ts';

/** A valid subscription operation and who asks. */
export interface SubscriptionArguments {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
  readonly contextValue: GraphQLContext;
}

/** The results of a subscription, taken at the reader's pace. */
export type ResultStream = AsyncIterableIterator<ExecutionResult>;

/**
 * Starts a subscription; the answer has `errors` when it cannot start. An event that several are told, of one person
 * and by the same document, is executed once for all of them.
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
    const known = results.get(event) ?? new Map<string, Promise<ExecutionResult> | ExecutionResult>();
    results.set(event, known);
    // Put together when it is needed: kept for each subscription it would be much.
    const keyOfViewer = viewer.kind === 'user' ? `${viewer.id} ${viewer.role} ${key}` : key;
    const result =
      known.get(keyOfViewer) ??
      operations.execute(document, operationName, variableValues, renewContext(contextValue), event);
    known.set(keyOfViewer, result);
    return result;
  };
  const told = ({ done, value }: IteratorResult<object, undefined>): Told | Promise<Told> => {
    if (done) return over;
    const result = resultOf(value);
    return result instanceof Promise ? result.then((known) => tell(value, known)) : tell(value, result);
  };
  return {
    // No async function: while it waits it would keep its frame, for every subscription.
    next: () => events.next().then(told),
    async return() {
      await events.return?.();
      return over;
    },
    [Symbol.asyncIterator]: itself,
  };
}

/** One for all: made in place, each would have a name and a shape of its own. */
function itself<Stream>(this: Stream): Stream {
  return this;
}

type Told = IteratorResult<ExecutionResult, undefined>;
const over: Told = { done: true, value: undefined };

function tell(event: object, result: ExecutionResult): Told {
  if ('cursor' in event && typeof event.cursor === 'string') resumePoints.set(result, event.cursor);
  return { done: false, value: result };
}

/** What a subscription could not start for, or one of its events failed with: the error as it was thrown. */
export function failureOf({ errors = [] }: ExecutionResult): unknown {
  return rootOf(errors[0]) ?? new Error('A subscription failed without an error.');
}

const results = new WeakMap<object, Map<string, Promise<ExecutionResult> | ExecutionResult>>();
const resumePoints = new WeakMap<ExecutionResult, string>();

/** The cursor to go on from after this result of a subscription; nothing where there is no such thing. */
export function resumePointOf(result: ExecutionResult): string | undefined {
  return resumePoints.get(result);
}

interface Shape {
  /** Names the document and the operation. */
  readonly key: string;
  /** The variables that more than the start of the subscription depends on: not those of its one field's arguments. */
  readonly variables: readonly string[];
}

const shapes = new WeakMap<DocumentNode, Map<string, Shape>>();
let made = 0;

function shapeOf(document: DocumentNode, operationName: string): Shape {
  const known = shapes.get(document) ?? new Map<string, Shape>();
  shapes.set(document, known);
  const shape = known.get(operationName) ?? {
    key: `${++made}`,
    variables: variablesOf(document, operationName),
  };
  known.set(operationName, shape);
  return shape;
}

/** What an event's result depends on besides the event and who is told. */
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
    // A root field behind a fragment counts whole: then less is shared, but nothing that differs.
    collect(selection.kind === Kind.FIELD ? { ...selection, arguments: [] } : selection);
  }
  return [...names].sort();
}
