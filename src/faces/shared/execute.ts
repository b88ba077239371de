import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Viewer } from '../../auth/viewer.ts';
import { invalidQuery, ServiceError, ServiceErrors } from '../../errors.ts';
import { rootOf } from '../../operations/errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set from the token before any route runs. */
    viewer: Viewer;
  }
}

/** What REST is given to reach the schema. */
export interface Operations {
  readonly schema: GraphQLSchema;
  /** Runs a document that holds one operation; parsed, checked and compiled once per text. Never throws for GraphQL errors. */
  run(
    document: string,
    variables: Readonly<Record<string, unknown>>,
    context: unknown,
  ): Promise<ExecutionResult> | ExecutionResult;
}

/** One GraphQL operation, ready to run. */
export interface Operation {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Runs an operation and answers its data.
 * @throws ServiceError(s) of the first root field that failed; anything else that went wrong as it is.
 */
export async function execute<Data>(operations: Operations, operation: Operation, context: unknown): Promise<Data> {
  const { data, errors } = await answered(operations, operation, context);
  if (errors === undefined || errors.length === 0) {
    // The caller wrote the document, so it knows the shape of its data.
    return data as Data;
  }
  throw failureOf(errors);
}

/** A document of ours that cannot even be read is larger than one may be, since the caller's query is. */
async function answered(operations: Operations, { document, variables }: Operation, context: unknown) {
  try {
    return await operations.run(document, variables, context);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
}

/** Rows of a list fail alike: one error for each distinct failure is enough. */
function failureOf(errors: readonly GraphQLError[]): unknown {
  const failures = new Map<string, ServiceError>();
  for (const error of errors) {
    if (error.path?.[0] !== errors[0]?.path?.[0]) continue;
    const cause = rootOf(error);
    // It refuses the document as a whole, which is as the caller's query is: too large, or too expensive.
    if (cause instanceof GraphQLError && error.path === undefined) return refusedDocument(cause);
    if (!(cause instanceof ServiceError)) return cause;
    failures.set(`${cause.code} ${cause.message}`, cause);
  }
  const [first, ...others] = failures.values();
  if (first === undefined) return new Error('An operation failed without an error.');
  return others.length === 0 ? first : new ServiceErrors([first, ...others]);
}

function refusedDocument({ message, extensions }: GraphQLError): ServiceError {
  const { message: told, extensions: own } = invalidQuery(message.replace(/\.$/, ''));
  return new ServiceError('INVALID_QUERY', told, { ...own, ...extensions });
}
