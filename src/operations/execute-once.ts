import {
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  GraphQLError,
  getOperationAST,
  Kind,
  OperationTypeNode,
  print,
} from 'graphql';
import { invalidPayload, ServiceError } from '../errors.ts';
import { type Idempotency, type StoredAnswer, WorkFailed } from '../idempotency/idempotency.ts';
import { type GivenKeys, keyOf } from '../idempotency/parse-key.ts';
import { retryAfterSeconds } from '../quota.ts';
import type { FieldExtensions } from '../schema/builder.ts';
import { type GraphQLContext, type PrismaMethods, withUnit } from '../schema/context.ts';
import { rootOf } from './errors.ts';
import type { Operations } from './operations.ts';
import { expandFragments } from './selections.ts';

/** A valid operation and the keys of its request. */
export interface KeyedOperation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly context: GraphQLContext;
  readonly keys: GivenKeys;
}

type Result = ExecutionResult & { readonly isReplayed?: boolean };

/**
 * Runs an operation as `operations.execute` does. A mutation with a key takes effect at most once: all of it is one
 * transaction, in which its answer is stored. If it has an error, nothing has happened, `data` is null, and nothing is
 * stored. Keys of queries, and of viewers who are not signed in, are ignored.
 */
export function executeOnce(
  { operations, idempotency }: { readonly operations: Operations; readonly idempotency: Idempotency<PrismaMethods> },
  { document, operationName, variables, context, keys }: KeyedOperation,
): Promise<Result> | Result {
  const { viewer } = context;
  const isMutation = getOperationAST(document, operationName)?.operation === OperationTypeNode.MUTATION;
  const execute = (given: GraphQLContext) => operations.execute(document, operationName, variables, given);
  if (!isMutation) return execute(context);
  let key: string | undefined;
  try {
    key = keyOf(keys);
    if (key !== undefined && viewer.kind === 'user') assertTakesKey(operations, document, operationName);
  } catch (error) {
    return { errors: [refusal(error)] };
  }
  if (key === undefined || viewer.kind !== 'user') return execute(context);
  const content = ['graphql', textOf(document), operationName ?? null, variables ?? {}];
  return idempotency
    .run({ viewer, key, content }, async (unit) => storedAnswer(await execute(withUnit(context, unit))))
    .then(
      ({ answer, isReplayed }): Result => ({ data: JSON.parse(answer.body ?? 'null'), isReplayed }),
      (error: unknown): Result => ({ errors: errorsOf(error), data: null }),
    );
}

function storedAnswer({ data, errors = [] }: ExecutionResult): StoredAnswer {
  if (errors.length > 0) throw new WorkFailed(errors, errors.map(rootOf));
  return { status: 200, body: JSON.stringify(data) };
}

function errorsOf(error: unknown): readonly GraphQLError[] {
  // The work throws the errors of its result.
  if (error instanceof WorkFailed) return error.result as readonly GraphQLError[];
  return [refusal(error)];
}

/** @throws ServiceError INVALID_PAYLOAD if one of the root fields takes no key. */
function assertTakesKey(
  { schema }: Operations,
  document: DocumentNode,
  operationName: string | null | undefined,
): void {
  const operation = getOperationAST(document, operationName);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const fields = schema.getMutationType()?.getFields() ?? {};
  for (const { name } of operation ? expandFragments(fragments, operation.selectionSet) : []) {
    const { takesNoKey }: FieldExtensions = fields[name.value]?.extensions ?? {};
    if (takesNoKey !== undefined) throw invalidPayload(`"${name.value}" takes no idempotency key: ${takesNoKey}`);
  }
}

const statusOf: Readonly<Partial<Record<ServiceError['code'], number>>> = {
  IDEMPOTENCY_KEY_REUSED: 422,
  INVALID_PAYLOAD: 400,
  REQUEST_IN_PROGRESS: 409,
};

function refusal(error: unknown): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error));
  const http = error instanceof ServiceError ? httpOf(error) : undefined;
  return new GraphQLError(originalError.message, { originalError, ...(http && { extensions: { http } }) });
}

function httpOf(error: ServiceError): object | undefined {
  const status = statusOf[error.code];
  const seconds = retryAfterSeconds(error);
  if (status === undefined) return undefined;
  return { status, ...(seconds !== undefined && { headers: { 'retry-after': String(seconds) } }) };
}

const texts = new WeakMap<DocumentNode, string>();

/** The text of a document, without the spaces and comments of its sender. */
function textOf(document: DocumentNode): string {
  const text = texts.get(document) ?? print(document);
  texts.set(document, text);
  return text;
}
