import type { FastifyRequest } from 'fastify';
import { type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Operations } from '../../operations/operations.ts';
import type { GraphQLContext } from '../../schema/context.ts';
import type { RequestExecutor, RequestOperation } from './execute-request.ts';
import { addKeyExtension } from './idempotent-requests.ts';
import type { PersistedQueries } from './persisted-queries.ts';

type Request = Pick<FastifyRequest, 'method' | 'url' | 'headers' | 'body'>;

/** A response without errors. */
export interface PlainAnswer {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Answers requests without the objects of the Fetch API that Yoga makes for each. It decides nothing that Yoga decides:
 * it answers only plain requests whose operation had no error, with the content type that Yoga chose before for the same
 * `Accept`. Everything else is left to Yoga, which finds the result of an operation that has already run.
 */
export interface PlainRequests {
  /** Runs the operation of a plain request. Undefined: Yoga must answer. */
  answer(request: Request, context: GraphQLContext): Promise<PlainAnswer | undefined>;
  /** Remembers the content type of Yoga's answer to the request with this context. */
  learn(request: Request, context: GraphQLContext, contentType: string | null): void;
}

interface PlainRequestOptions {
  readonly path: string;
  readonly operations: Operations;
  readonly persisted: PersistedQueries;
  readonly executor: RequestExecutor;
}

const jsonType = 'application/json';
/** Maximum number of remembered `Accept` headers. */
const acceptsMax = 100;
/** Maximum length of a remembered `Accept` header. */
const acceptLength = 500;

export function createPlainRequests(options: PlainRequestOptions): PlainRequests {
  const contentTypes = new LRUCache<string, string>({ max: acceptsMax });
  /** The contexts of plain requests whose operation had no error. */
  const succeeded = new WeakSet<object>();
  return {
    async answer(request, context) {
      const operation = plainOperation(request, options);
      if (operation === undefined) return undefined;
      addKeyExtension(context, operation.extensions);
      const result = await settled(options.executor.execute(operation, context));
      if (result === undefined || result.errors !== undefined) return undefined;
      const contentType = contentTypes.get(request.headers.accept ?? '');
      if (contentType !== undefined) return { contentType, text: JSON.stringify(result) };
      succeeded.add(context);
      return undefined;
    },
    learn({ headers: { accept = '' } }, context, contentType) {
      if (!contentType?.includes('json') || !succeeded.has(context) || accept.length > acceptLength) return;
      contentTypes.set(accept, contentType);
    },
  };
}

/** The result; undefined if there is none because of an unexpected error, which Yoga then gets as well. */
async function settled(result: ExecutionResult | Promise<ExecutionResult>): Promise<ExecutionResult | undefined> {
  try {
    return await result;
  } catch {
    return undefined;
  }
}

/**
 * The operation of a request that needs nothing of Yoga: a JSON object with a valid query or mutation, posted to the
 * path itself. Undefined for every other request, such as one with a fault.
 */
function plainOperation(
  { method, url, headers, body }: Request,
  { path, operations, persisted }: PlainRequestOptions,
): (RequestOperation & { readonly extensions: unknown }) | undefined {
  const type = headers['content-type'];
  const isJson = type === jsonType || type?.startsWith(`${jsonType};`);
  if (method !== 'POST' || url !== path || !isJson || !isObject(body)) return undefined;
  const { query, variables, operationName, extensions } = body;
  if (!isObjectOrMissing(variables) || !isObjectOrMissing(extensions)) return undefined;
  if (typeof operationName !== 'string' && operationName !== undefined && operationName !== null) return undefined;
  const document = validDocument({ query, extensions }, operations, persisted);
  const operation = document && getOperationAST(document, operationName);
  if (!operation || operation.operation === OperationTypeNode.SUBSCRIPTION) return undefined;
  return { document, operationName, variables, extensions };
}

function validDocument(
  request: { readonly query: unknown; readonly extensions: unknown },
  operations: Operations,
  persisted: PersistedQueries,
) {
  try {
    const text = persisted.textOf(request);
    if (text === undefined) return undefined;
    const document = operations.parse(text);
    return operations.validate(document).length === 0 ? document : undefined;
  } catch {
    // Yoga repeats this and reports the error.
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isObjectOrMissing(value: unknown): value is Readonly<Record<string, unknown>> | null | undefined {
  return value === undefined || value === null || isObject(value);
}
