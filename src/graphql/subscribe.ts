import {
  type ASTNode,
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  getOperationAST,
  Kind,
  visit,
} from 'graphql';
import { type GraphQLContext, renewContext } from './context.ts';
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
  const source = await createSourceEventStream({
    schema: operations.schema,
    document,
    operationName: operationName ?? null,
    variableValues: variableValues ?? {},
    contextValue,
  });
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]() as AsyncIterator<object, undefined>;
  const key = resultKey(document, operationName ?? '', variableValues ?? {}, contextValue);
  const resultOf = (event: object): Promise<ExecutionResult> | ExecutionResult => {
    const known = results.get(event) ?? new Map<string, Promise<ExecutionResult> | ExecutionResult>();
    results.set(event, known);
    const result =
      known.get(key) ?? operations.execute(document, operationName, variableValues, renewContext(contextValue), event);
    known.set(key, result);
    return result;
  };
  const told = ({ done, value }: IteratorResult<object, undefined>): Told | Promise<Told> => {
    if (done) return over;
    const result = resultOf(value);
    return result instanceof Promise ? result.then((known) => tell(value, known)) : tell(value, result);
  };
  const stream: ResultStream = {
    // No async function: while it waits it would keep its frame, for every subscription.
    next: () => events.next().then(told),
    async return() {
      await events.return?.();
      return over;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
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

const numbers = new WeakMap<DocumentNode, number>();
let documents = 0;

/** What an event's result depends on besides the event. */
function resultKey(
  document: DocumentNode,
  operationName: string,
  variables: Readonly<Record<string, unknown>>,
  { viewer }: GraphQLContext,
): string {
  const number = numbers.get(document) ?? ++documents;
  numbers.set(document, number);
  const who = viewer.kind === 'user' ? [viewer.id, viewer.role] : [];
  const used = variablesBelow(document, operationName).map((name) => variables[name]);
  return JSON.stringify([number, operationName, who, used]);
}

const below = new WeakMap<DocumentNode, Map<string, readonly string[]>>();

/** The variables that more than the start of the subscription depends on: not those of its one field's arguments. */
function variablesBelow(document: DocumentNode, operationName: string): readonly string[] {
  const known = below.get(document) ?? new Map<string, readonly string[]>();
  below.set(document, known);
  const names = known.get(operationName) ?? variablesOf(document, operationName);
  known.set(operationName, names);
  return names;
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
