import { type ExecutionResult, Kind, type OperationDefinitionNode } from 'graphql';
import { ServiceError } from '../errors.ts';
import { type GraphQLContext, withSpan } from '../schema/context.ts';
import type { Span, Tracer } from '../tracing.ts';
import { rootOf } from './errors.ts';

type Result = ExecutionResult | Promise<ExecutionResult>;

/** An operation that is recorded. */
export interface OperationTrace {
  /** The context to run it with: its statements are recorded below its span. */
  readonly context: GraphQLContext;
  /** Called with the price of the operation, before it runs. */
  readonly onPriced: (price: number) => void;
  /** Ends the span with the result, and returns the result. */
  readonly endWith: (result: Result) => Result;
}

/** Maximum number of characters of an operation's name in a span, because clients choose the name. */
const nameLength = 100;

/**
 * Starts the span of an operation: below the span of its request, or as a trace of its own on a socket. The span
 * contains neither the document nor the variables. Returns undefined if the operation is not recorded.
 */
export function traceOperation(
  operation: OperationDefinitionNode,
  context: unknown,
  tracer: Tracer | undefined,
): OperationTrace | undefined {
  // Every operation runs with this context, or with none in tests of the executor.
  const given = context as GraphQLContext | undefined;
  if (given === undefined || (given.span === undefined && tracer === undefined)) return undefined;
  if (given.span?.isSampled === false) return undefined;
  const [first] = operation.selectionSet.selections;
  const field = first?.kind === Kind.FIELD ? first.name.value : undefined;
  const name = field === undefined ? operation.operation : `${operation.operation} ${field}`;
  const span = given.span?.start(name) ?? tracer?.start(name);
  if (!span?.isSampled) return undefined;
  return { context: withSpan(given, span), ...recordOn(span, operation) };
}

function recordOn(span: Span, { operation, name }: OperationDefinitionNode): Omit<OperationTrace, 'context'> {
  let price: number | undefined;
  const end = (result: ExecutionResult) => {
    span.end({
      attributes: {
        'graphql.operation.type': operation,
        'graphql.operation.name': name?.value.slice(0, nameLength),
        'tidings.operation.price': price,
      },
      error: result.errors && codeOf(result.errors[0]),
    });
    return result;
  };
  return {
    onPriced(total) {
      price = total;
    },
    endWith: (result) => (result instanceof Promise ? result.then(end) : end(result)),
  };
}

function codeOf(error: unknown): string {
  const root = rootOf(error);
  if (root instanceof ServiceError) return root.code;
  return root === error ? 'GRAPHQL_VALIDATION' : 'INTERNAL_SERVER_ERROR';
}
