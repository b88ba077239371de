import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import type { Viewer } from '../auth/viewer.ts';
import { databaseUnavailable, type ErrorCode, ServiceError, ServiceErrors, toldWithoutToken } from '../errors.ts';
import { isOutage } from '../outage.ts';
import { cutSentence } from '../quoting.ts';

/** Turns whatever went wrong into what the caller may know, with a code of the family. */
export type ErrorPresenter = (error: unknown) => GraphQLError;

/** Codes that only requests to GraphQL can meet. */
type RequestCode = 'OPERATION_NOT_ALLOWED' | 'PERSISTED_QUERY_MISMATCH' | 'PERSISTED_QUERY_NOT_FOUND';

/** The caller's mistakes that never reached a resolver, under the codes they are thrown with, many by libraries. */
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
 * @param log gets every error that is not of the family, once.
 * Errors without an original one were made by the GraphQL machinery about the document or its variables.
 */
export function createErrorPresenter(log: Pick<Logger, 'error'>): ErrorPresenter {
  return (error) => {
    // The machinery may have wrapped what was presented before.
    const cause = rootOf(error);
    if (isPresented(cause)) return cause;
    if (cause instanceof ServiceError) return present(error, cause.message, extensionsOf(cause));
    if (isGraphQLError(error) && !isForeign(cause)) {
      const { http, code, ...extensions } = error.extensions ?? {};
      const mapped = codeOfLibraryCode[String(code)] ?? 'GRAPHQL_VALIDATION';
      return present(error, cutSentence(error.message), { ...extensions, code: mapped }, http);
    }
    if (isOutage(cause)) {
      log.error({ err: cause }, 'the database cannot be asked');
      const unavailable = databaseUnavailable();
      return present(error, unavailable.message, extensionsOf(unavailable));
    }
    log.error({ err: cause }, 'unexpected error');
    return present(error, 'An unexpected error occurred.', { code: 'INTERNAL_SERVER_ERROR' });
  };
}

/** A presented error as this viewer is to read it: who sent no token is told so where something is refused. */
export function toldTo(viewer: Viewer, error: GraphQLError): GraphQLError {
  if (viewer.kind !== 'anonymous' || error.extensions['code'] !== 'FORBIDDEN') return error;
  const { code: _, ...extensions } = error.extensions;
  const told = toldWithoutToken(new ServiceError('FORBIDDEN', error.message, extensions));
  return present(error, told.message, { ...error.extensions });
}

/** What a `ServiceError` says as GraphQL extensions; several of them stand below `errors` of the first. */
export function extensionsOf(error: ServiceError): Record<string, unknown> {
  if (!(error instanceof ServiceErrors)) return { ...error.extensions, code: error.code };
  const errors = error.errors.map((one) => ({ message: one.message, extensions: extensionsOf(one) }));
  return { ...error.extensions, errors, code: error.code };
}

/** The error at the bottom of the GraphQL errors wrapped around it. */
export function rootOf(error: unknown): unknown {
  let root = error;
  while (isGraphQLError(root) && root.originalError) root = root.originalError;
  return root;
}

function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError;
}

/** Whether something else than the GraphQL machinery threw it. */
function isForeign(error: unknown): boolean {
  return !isGraphQLError(error);
}

const presented = new WeakSet<object>();

function isPresented(error: unknown): error is GraphQLError {
  return typeof error === 'object' && error !== null && presented.has(error);
}

/** `http` decides the status of the answer but never leaves the process: it is not enumerable. */
function present(error: unknown, message: string, extensions: Record<string, unknown>, http?: unknown): GraphQLError {
  if (http !== undefined) Object.defineProperty(extensions, 'http', { value: http, enumerable: false });
  const known: Partial<GraphQLError> = isGraphQLError(error) ? error : {};
  const { nodes = null, source = null, positions = null, path = null } = known;
  const shown = new GraphQLError(message, { nodes, source, positions, path, extensions });
  presented.add(shown);
  return shown;
}
