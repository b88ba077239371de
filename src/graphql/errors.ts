import type { GraphQLError, GraphQLFormattedError, SourceLocation } from 'graphql';
import type { Logger } from 'pino';
import { type ErrorCode, ServiceError, ServiceErrors } from '../errors.ts';

/** An error as GraphQL callers get it. `http` never leaves the process: it is not enumerable. */
export type PresentedError = Error & GraphQLFormattedError;

/** Turns whatever went wrong into what the caller may know, with a code of the family. */
export type ErrorPresenter = (error: unknown) => PresentedError;

/** The caller's mistakes that never reached a resolver, under the codes the libraries give them. */
const codeOfLibraryCode: Readonly<Record<string, ErrorCode>> = {
  BAD_REQUEST: 'INVALID_PAYLOAD',
  BAD_USER_INPUT: 'GRAPHQL_VALIDATION',
  GRAPHQL_PARSE_FAILED: 'GRAPHQL_VALIDATION',
  GRAPHQL_VALIDATION_FAILED: 'GRAPHQL_VALIDATION',
};

/**
 * @param log gets every error that is not of the family, once.
 * Errors without an original one were made by the GraphQL machinery about the document or its variables.
 */
export function createErrorPresenter(log: Pick<Logger, 'error'>): ErrorPresenter {
  return (error) => {
    if (isPresented(error)) return error;
    const cause = rootOf(error);
    if (cause instanceof ServiceError) return present(error, cause.message, extensionsOf(cause));
    if (isGraphQLError(error) && !isForeign(cause)) {
      const { http, code, ...extensions } = error.extensions ?? {};
      const mapped = codeOfLibraryCode[String(code)] ?? 'GRAPHQL_VALIDATION';
      return present(error, error.message, { ...extensions, code: mapped }, http);
    }
    log.error({ err: cause }, 'unexpected error');
    return present(error, 'An unexpected error occurred.', { code: 'INTERNAL_SERVER_ERROR' });
  };
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

/** Both graphql-js' and graphql-jit's errors, which share no class. */
function isGraphQLError(error: unknown): error is GraphQLError {
  return typeof error === 'object' && error !== null && 'originalError' in error && 'message' in error;
}

/** Whether something else than the GraphQL machinery threw it. */
function isForeign(error: unknown): boolean {
  return !isGraphQLError(error);
}

const presented = new WeakSet<object>();

function isPresented(error: unknown): error is PresentedError {
  return typeof error === 'object' && error !== null && presented.has(error);
}

function present(error: unknown, message: string, extensions: Record<string, unknown>, http?: unknown): PresentedError {
  // The status the caller gets is read from `extensions.http`, but is nothing to send.
  if (http !== undefined) Object.defineProperty(extensions, 'http', { value: http, enumerable: false });
  const { locations, path } = isGraphQLError(error) ? error : {};
  const shown = new Shown(message, extensions, locations, path);
  presented.add(shown);
  return shown as PresentedError;
}

class Shown extends Error {
  readonly extensions: Record<string, unknown>;
  readonly locations: readonly SourceLocation[] | undefined;
  readonly path: readonly (string | number)[] | undefined;

  constructor(
    message: string,
    extensions: Record<string, unknown>,
    locations: readonly SourceLocation[] | undefined,
    path: readonly (string | number)[] | undefined,
  ) {
    super(message);
    this.extensions = extensions;
    this.locations = locations;
    this.path = path;
  }

  /** The order in which a reader wants it; an `Error`'s message is not enumerable by itself. */
  toJSON(): GraphQLFormattedError {
    const { message, extensions, locations, path } = this;
    return { message, ...(locations && { locations }), ...(path && { path }), extensions };
  }
}
