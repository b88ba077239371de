import type { Socket } from 'node:net';
import type { ConnectionError, FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type { Viewer } from '../../auth/viewer.ts';
import {
  databaseUnavailable,
  type ErrorCode,
  errorForAnonymous,
  invalidPayload,
  routeNotFound,
  ServiceError,
  ServiceErrors,
} from '../../errors.ts';
import { isOutage } from '../../outage.ts';
import { retryAfterSeconds } from '../../quota.ts';
import { bodyTooLarge } from '../shared/body-limit.ts';
import { isAborted } from '../shared/late-bodies.ts';
import { createNotFoundPage, prefersPage } from '../shared/not-found-page.ts';
import { rawResponse } from '../shared/raw-response.ts';
import { sendJson } from './reply.ts';

/** The HTTP status of each error code. */
const statusOf: Readonly<Record<ErrorCode, number>> = {
  FAILED_VALIDATION: 400,
  FORBIDDEN: 403,
  GRAPHQL_VALIDATION: 400,
  IDEMPOTENCY_KEY_REUSED: 422,
  INTERNAL_SERVER_ERROR: 500,
  INVALID_CREDENTIALS: 401,
  INVALID_FOREIGN_KEY: 400,
  INVALID_PAYLOAD: 400,
  INVALID_QUERY: 400,
  INVALID_TOKEN: 403,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  RECORD_NOT_UNIQUE: 400,
  REQUESTS_EXCEEDED: 429,
  REQUEST_IN_PROGRESS: 409,
  ROUTE_NOT_FOUND: 404,
  SERVICE_UNAVAILABLE: 503,
  TOKEN_EXPIRED: 401,
  UNSUPPORTED_MEDIA_TYPE: 415,
  VALUE_OUT_OF_RANGE: 400,
  VALUE_TOO_LONG: 400,
};

/** An error in Directus' format; `code` is the last of the extensions. */
interface ErrorBody {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** An error as an HTTP response. */
export interface ErrorReply {
  readonly status: number;
  readonly body: { readonly errors: readonly ErrorBody[] };
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The status and body of an error. Errors that are no ServiceError are logged and masked. Several errors with different
 * statuses are sent as 400, because the input is at fault; Directus sends 500 there.
 */
export function errorReply(error: unknown, log: Pick<FastifyBaseLogger, 'error'>): ErrorReply {
  if (!(error instanceof ServiceError)) log.error({ err: error }, 'unexpected error');
  const shown = error instanceof ServiceError ? error : isOutage(error) ? databaseUnavailable() : masked();
  const errors = listOf(shown);
  const [status = 500, ...others] = new Set(errors.map(({ code }) => statusOf[code]));
  return {
    status: others.length === 0 ? status : 400,
    body: { errors: errors.map(bodyOf) },
    headers: headersOf(shown),
  };
}

/** Sends an error; internal errors are logged with the request id. */
export function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const translated = translateFastifyError(error, reply.request);
  // A malformed request can fail before its viewer is set.
  const isAnonymous = (reply.request.viewer as Viewer | undefined)?.kind === 'anonymous';
  const shown = isAnonymous && translated instanceof ServiceError ? errorForAnonymous(translated) : translated;
  const { status, body, headers } = errorReply(shown, reply.request.log);
  return sendJson(reply.code(status).headers(headers), JSON.stringify(body));
}

/** The error handler of the REST routes. */
export function handleError(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  sendError(reply, error);
}

const clientFaults: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request was not received in time'],
  HPE_HEADER_OVERFLOW: [431, 'The URL and the headers are too long'],
};

/** Answers an invalid or incomplete HTTP request in Directus' error format, and closes the connection. */
export function answerClientError({ code }: ConnectionError, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] = clientFaults[code] ?? [400, 'The request is not valid HTTP'];
  const response = rawResponse({ status, body: { errors: [bodyOf(invalidPayload(reason))] } });
  socket.end(response, () => socket.destroy());
}

/**
 * Returns the not-found handler, for unknown paths and for methods that a path does not have; browsers get a page.
 * @param publicUrl where callers reach the service, for the links of the page
 */
export function createNotFoundHandler(publicUrl: string | undefined) {
  const sendPage = createNotFoundPage(publicUrl);
  return (request: FastifyRequest, reply: FastifyReply): void => {
    if (prefersPage(request)) sendPage(reply);
    else sendError(reply, routeNotFound(pathOf(request)));
  };
}

/** The response headers of an error. */
function headersOf(error: ServiceError): Readonly<Record<string, string>> {
  const { allowed } = error.extensions;
  if (Array.isArray(allowed)) return { allow: allowed.join(', ') };
  const seconds = retryAfterSeconds(error);
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}

function listOf(error: ServiceError): readonly ServiceError[] {
  return error instanceof ServiceErrors ? error.errors.flatMap(listOf) : [error];
}

function bodyOf({ message, extensions, code }: ServiceError): ErrorBody {
  return { message, extensions: { ...extensions, code } };
}

function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function masked(): ServiceError {
  return new ServiceError('INTERNAL_SERVER_ERROR', 'An unexpected error occurred.');
}

/** Translates Fastify's own errors to ServiceErrors; returns others unchanged. */
function translateFastifyError(error: unknown, request: FastifyRequest): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (isAborted(error, request)) return invalidPayload('The body was not received in time', error);
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return invalidPayload(bodyTooLarge(request), error);
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return invalidPayload('The body cannot be read', error);
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
    case 'FST_ERR_NOT_FOUND':
      return routeNotFound(pathOf(request));
    default:
      return error;
  }
}
