import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import type { Viewer } from '../auth/viewer.ts';
import {
  databaseUnavailable,
  type ErrorCode,
  errorForAnonymous,
  invalidQuery,
  ServiceError,
  ServiceErrors,
} from '../errors.ts';
import { isOutage } from '../outage.ts';
import { cutSentence } from '../quoting.ts';

/** Converts any error into one that the caller may see, with a stable code. */
export type ErrorPresenter = (error: unknown, requestId?: string) => GraphQLError;

/** Codes that only GraphQL requests can get. */
type RequestCode = 'OPERATION_NOT_ALLOWED' | 'PERSISTED_QUERY_MISMATCH' | 'PERSISTED_QUERY_NOT_FOUND';

/** Codes of errors that are thrown before a resolver runs, most of them by libraries. */
const codeOfLibraryCode: Readonly<Record<string, ErrorCode | RequestCode>> = {
  BAD_REQUEST: 'INVALID_PAYLOAD',
  BAD_USER_INPUT: 'GRAPHQL_VALIDATION',
  GRAPHQL_PARSE_FAILED: 'GRAPHQL_VALIDATION',
  GRAPHQL_VALIDATION_FAILED: 'GRAPHQL_VALIDATION',
  NOT_ACCEPTABLE: 'NOT_ACCEPTABLE',
  OPERATION_NOT_ALLOWED: 'OPERATION_NOT_ALLOWED',
  PERSISTED_QUERY_MISMATCH: 'PERSISTED_QUERY_MISMATCH',
  PERSISTED_QUERY_NOT_FOUND: 'PERSISTED_QUERY_NOT_FOUND',
};

/**
 * @param log receives every unexpected error once. Errors without an original error come from graphql-js and concern
 * the document or its variables.
 */
export function createErrorPresenter(log: Pick<Logger, 'error'>): ErrorPresenter {
  return (error, requestId) => {
    // graphql-js may have wrapped an error that was already converted.
    const cause = rootOf(error);
    if (isPresented(cause)) return cause;
    if (cause instanceof ServiceError) return present(error, cause.message, extensionsOf(cause), httpOf(error));
    if (isGraphQLError(error) && !isForeign(cause)) {
      const { http, code, ...extensions } = error.extensions ?? {};
      const mapped = codeOfLibraryCode[String(code)] ?? 'GRAPHQL_VALIDATION';
      return present(error, cutSentence(error.message), { ...extensions, code: mapped }, http);
    }
    if (isOutage(cause)) {
      log.error({ err: cause, requestId }, 'the database is unreachable');
      const unavailable = databaseUnavailable();
      return present(error, unavailable.message, extensionsOf(unavailable));
    }
    log.error({ err: cause, requestId }, 'unexpected error');
    return present(error, 'An unexpected error occurred.', { code: 'INTERNAL_SERVER_ERROR' });
  };
}

/** The converted error for this viewer. A refusal names the missing token, or the scope of the token. */
export function errorForViewer(viewer: Viewer, error: GraphQLError): GraphQLError {
  if (error.extensions['code'] !== 'FORBIDDEN') return error;
  if (viewer.kind === 'user') {
    if (viewer.scopes === null) return error;
    const message = `${error.message} The token is limited to: ${viewer.scopes.join(', ')}.`;
    return present(error, message, { ...error.extensions });
  }
  const { code: _code, ...extensions } = error.extensions;
  const shown = errorForAnonymous(new ServiceError('FORBIDDEN', error.message, extensions));
  return present(error, shown.message, { ...error.extensions });
}

/** The GraphQL extensions of a `ServiceError`; several errors are listed in `errors` of the first. */
export function extensionsOf(error: ServiceError): Record<string, unknown> {
  if (!(error instanceof ServiceErrors)) return { ...error.extensions, code: error.code };
  const errors = error.errors.map((one) => ({ message: one.message, extensions: extensionsOf(one) }));
  return { ...error.extensions, errors, code: error.code };
}

/** The innermost original error of nested GraphQL errors. */
export function rootOf(error: unknown): unknown {
  let root = error;
  while (isGraphQLError(root) && root.originalError) root = root.originalError;
  return root;
}

/**
 * The error to report for a failed operation: the distinct errors of the first root field that failed. Rows of a list
 * usually fail alike, so equal errors are reported once.
 */
export function firstFailure(errors: readonly GraphQLError[]): unknown {
  const failures = new Map<string, ServiceError>();
  for (const error of errors) {
    if (error.path?.[0] !== errors[0]?.path?.[0]) continue;
    const cause = rootOf(error);
    // The whole document was refused as too large or too expensive; the caller sees this as a fault of the query.
    if (cause instanceof GraphQLError && error.path === undefined) return refusedDocument(cause);
    if (!(cause instanceof ServiceError)) return cause;
    failures.set(`${cause.code} ${cause.message}`, cause);
  }
  const [first, ...others] = failures.values();
  if (first === undefined) return new Error('An operation failed without an error.');
  return others.length === 0 ? first : new ServiceErrors([first, ...others]);
}

function refusedDocument({ message, extensions }: GraphQLError): ServiceError {
  const { message: text, extensions: own } = invalidQuery(message.replace(/\.$/, ''));
  return new ServiceError('INVALID_QUERY', text, { ...own, ...extensions });
}

export function unknownOperation(name: string | null | undefined): GraphQLError {
  return new GraphQLError(
    typeof name === 'string'
      ? `Unknown operation named "${name}".`
      : 'Must provide operation name if query contains multiple operations.',
  );
}

/** Converts a stack overflow, which deeply nested variables cause, to an error of the caller. */
export function withDepthError(error: GraphQLError): GraphQLError {
  // graphql-js passes on any error that was thrown.
  const thrown: Error = error;
  return thrown instanceof RangeError ? new GraphQLError('The variables are nested too deeply.') : error;
}

/** Removes suggestions when introspection is off, because they reveal the schema. */
export function withoutSuggestion(error: GraphQLError, introspection: boolean): GraphQLError {
  if (!introspection) error.message = error.message.replace(/ Did you mean .*$/, '');
  return error;
}

function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError;
}

/** Whether the error was thrown by a resolver rather than by graphql-js. */
function isForeign(error: unknown): boolean {
  return !isGraphQLError(error);
}

const presented = new WeakSet<object>();

function isPresented(error: unknown): error is GraphQLError {
  return typeof error === 'object' && error !== null && presented.has(error);
}

/** The status and headers that an operation which did not run has as its response. */
function httpOf(error: unknown): unknown {
  return isGraphQLError(error) ? error.extensions['http'] : undefined;
}

/** `http` sets the response status but must not be sent, so it is not enumerable. */
function present(error: unknown, message: string, extensions: Record<string, unknown>, http?: unknown): GraphQLError {
  if (http !== undefined) Object.defineProperty(extensions, 'http', { value: http, enumerable: false });
  const known: Partial<GraphQLError> = isGraphQLError(error) ? error : {};
  const { nodes = null, source = null, positions = null, path = null } = known;
  const shown = new GraphQLError(message, { nodes, source, positions, path, extensions });
  presented.add(shown);
  return shown;
}
