import { type DocumentNode, type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql';
import { executeOnce } from '../../operations/execute-once.ts';
import type { GraphQLContext } from '../../schema/context.ts';
import type { Services } from '../shared/services.ts';
import { keyedRequestOf } from './idempotent-requests.ts';

/** A valid operation of an HTTP request, which is a query or a mutation. */
export interface RequestOperation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

type Result = ExecutionResult | Promise<ExecutionResult>;

/** Runs the operations of HTTP requests. */
export interface RequestExecutor {
  /** Runs the operation of the request with this context; further calls for the same request return its result. */
  execute(operation: RequestOperation, context: GraphQLContext): Result;
  /** Whether the request with this context ran a mutation. */
  wrote(context: GraphQLContext): boolean;
}

/** @param requestIdOf the id of the request with this context, for the log */
export function createRequestExecutor(
  services: Services,
  requestIdOf: (context: object) => string | undefined,
): RequestExecutor {
  const results = new WeakMap<object, Result>();
  const writes = new WeakSet<object>();

  // Yoga masks errors without knowing their request; those that are converted already stay as they are.
  const withPresentedErrors = (result: ExecutionResult, context: object): ExecutionResult => {
    if (result.errors === undefined) return result;
    const id = requestIdOf(context);
    return { ...result, errors: result.errors.map((error) => services.presentError(error, id)) };
  };

  const run = ({ document, operationName, variables }: RequestOperation, context: GraphQLContext): Result => {
    const { keys, onReplayed } = keyedRequestOf(context);
    const result = executeOnce(services, { document, operationName, variables, context, keys });
    const answered = (executed: Awaited<typeof result>) => {
      if (executed.isReplayed === undefined) return withPresentedErrors(executed, context);
      const { isReplayed, ...stored } = executed;
      if (isReplayed) onReplayed();
      return withPresentedErrors(stored, context);
    };
    return result instanceof Promise ? result.then(answered) : answered(result);
  };

  const runOrReject = (operation: RequestOperation, context: GraphQLContext): Result => {
    try {
      return run(operation, context);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  return {
    execute(operation, context) {
      const known = results.get(context);
      if (known) return known;
      const { document, operationName } = operation;
      if (getOperationAST(document, operationName)?.operation === OperationTypeNode.MUTATION) writes.add(context);
      const result = runOrReject(operation, context);
      results.set(context, result);
      return result;
    },
    wrote: (context) => writes.has(context),
  };
}
