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

/** The operation that a request has run. */
interface Executed {
  readonly isWrite: boolean;
  readonly result: Result;
}

/** A property of contexts, because an entry of a WeakMap for each request is more work for the garbage collector. */
const executedOf = Symbol('executed');
type WithExecuted = object & { [executedOf]?: Executed };

/** @param requestIdOf the id of the request with this context, for the log */
export function createRequestExecutor(
  services: Services,
  requestIdOf: (context: object) => string | undefined,
): RequestExecutor {
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
    execute(operation, context: GraphQLContext & WithExecuted) {
      const known = context[executedOf];
      if (known) return known.result;
      const { document, operationName } = operation;
      const isWrite = getOperationAST(document, operationName)?.operation === OperationTypeNode.MUTATION;
      const result = runOrReject(operation, context);
      context[executedOf] = { isWrite, result };
      return result;
    },
    wrote: (context: GraphQLContext & WithExecuted) => context[executedOf]?.isWrite ?? false,
  };
}
