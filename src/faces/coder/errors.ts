import { databaseUnavailable, type ErrorCode, ServiceError, ServiceErrors } from '../../errors.ts';
import { isOutage } from '../../outage.ts';
import { retryAfterSeconds } from '../../quota.ts';
import { cutQuoted, cutSentence } from '../../quoting.ts';

/** A fault of one field or parameter. */
export interface Validation {
  readonly field: string;
  readonly detail: string;
}

/** Coder's error object; empty fields are omitted. */
export interface ErrorObject {
  readonly message: string;
  readonly detail?: string;
  readonly validations?: readonly Validation[];
}

/** An error response in Coder's format. A string body is sent as plain text. */
export class CoderError extends Error {
  override readonly name = 'CoderError';
  readonly status: number;
  readonly body: ErrorObject | string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: ErrorObject | string, headers: Readonly<Record<string, string>> = {}) {
    super(typeof body === 'string' ? body : body.message);
    this.status = status;
    this.body = typeof body === 'string' ? body : cutObject(body);
    this.headers = headers;
  }
}

/** Truncates quoted input and each sentence: one parameter can have thousands of faults. */
function cutObject({ message, detail, validations }: ErrorObject): ErrorObject {
  return {
    message: cutSentence(message),
    ...(detail === undefined ? {} : { detail: cutSentence(detail) }),
    ...(validations && {
      validations: validations.map(({ field, detail }) => ({ field: cutQuoted(field), detail: cutSentence(detail) })),
    }),
  };
}

/** The input is invalid. */
export const badRequest = (body: ErrorObject) => new CoderError(400, body);

/** The resource does not exist or the caller may not see it. */
export const notFound = () =>
  new CoderError(404, { message: 'Resource not found or you do not have access to this resource' });

/** The path does not exist. */
export const unknownRoute = () => new CoderError(404, { message: 'Route not found.' });

/** The caller may not do this. */
export const notAllowed = () => new CoderError(403, { message: 'Forbidden.', detail: notAllowedDetail });

const notAllowedDetail =
  "You don't have permission to view this content. If you believe this is a mistake, please contact your administrator or try signing in with different credentials.";

/** The caller exceeds the rate limit. @param seconds time until the next request is allowed. */
export const rateLimited = (perMinute: number, seconds: number, headers: Readonly<Record<string, string>> = {}) =>
  new CoderError(
    429,
    { message: `You've been rate limited for sending more than ${perMinute} requests in 1m0s.` },
    { ...headers, 'retry-after': String(seconds) },
  );

/** Makes the response to a ServiceError; `parameters` are those of the path. */
type ToResponse = (error: ServiceError, parameters: Readonly<Record<string, string>>) => CoderError;

/** Maps errors, by code or by code and field, to responses; `otherwise` is used for internal errors. */
export type Failures = Readonly<Partial<Record<ErrorCode | `${ErrorCode} ${string}` | 'otherwise', ToResponse>>>;

const failed =
  (message: string): ToResponse =>
  () =>
    new CoderError(500, { message });

const failedBecause =
  (message: string): ToResponse =>
  (error) =>
    new CoderError(500, { message, detail: reasonOf(error) });

/** The reason why nothing was enqueued, in Coder's words where it has some. */
const notEnqueued =
  (message: string): ToResponse =>
  (error) => {
    if (error.code === 'RECORD_NOT_UNIQUE') return new CoderError(500, { message, detail: 'duplicate notification' });
    const isDisabled = error.extensions['type'] === 'disabled';
    return new CoderError(500, { message, detail: isDisabled ? 'notification is not enabled' : reasonOf(error) });
  };

const refused =
  (message: string): ToResponse =>
  (error) =>
    badRequest({ message, detail: reasonOf(error) });

/** The error's reason without the field, if it has one, else its message. */
function reasonOf({ message, extensions: { reason } }: ServiceError): string {
  return typeof reason === 'string' ? reason : message;
}

const invalidMethod: ToResponse = (error) =>
  badRequest({
    message: 'Invalid request to update notification template method',
    validations: [{ field: 'method', detail: reasonOf(error) }],
  });

const exceeded: ToResponse = (error) => {
  const { message, extensions } = error;
  const seconds = retryAfterSeconds(error);
  return seconds === undefined ? new CoderError(429, { message }) : rateLimited(Number(extensions['limit']), seconds);
};

const inProgress: ToResponse = (error) =>
  new CoderError(409, { message: error.message }, { 'retry-after': String(retryAfterSeconds(error)) });

const unknownUser: ToResponse = (_error, { user = '' }) =>
  badRequest({
    message: '"user" must be an existing uuid or username.',
    detail: `queried user=${JSON.stringify(user)}`,
  });

const readStatusFailed = failed('Failed to update inbox notification read status.');
/** Only a caller who may not change any item is told a reason. */
const readStatusRefused: ToResponse = (error, parameters) =>
  error.extensions['reason'] === undefined ? readStatusFailed(error, parameters) : notAllowed();
const preferencesFailed = failedBecause('Failed to update user notifications preferences.');
const testFailed = notEnqueued('Failed to send test notification');
const customFailed = notEnqueued('Failed to send custom notification');
const customRefused = refused('Invalid request body');

/**
 * The defaults for errors that a route does not map. Errors in neither table get a status by their code and keep their
 * message. `INVALID_CREDENTIALS` has no entry: the check of the session refuses such requests before a
 * route runs.
 */
const commonFailures: Failures = {
  FORBIDDEN: notAllowed,
  REQUESTS_EXCEEDED: exceeded,
  REQUEST_IN_PROGRESS: inProgress,
  ROUTE_NOT_FOUND: unknownRoute,
  'FAILED_VALIDATION user': unknownUser,
  otherwise: failed('An internal server error occurred.'),
};

export const failures = {
  list: { otherwise: failed('Failed to get filtered inbox notifications.') },
  markAll: { otherwise: failed('Failed to mark all unread notifications as read.') },
  // Clients recognise unknown items, and items of other users, by this message.
  readStatus: { FORBIDDEN: readStatusRefused, otherwise: readStatusFailed },
  settings: { otherwise: failed('Failed to update notifications settings.') },
  templates: { otherwise: failed('Failed to retrieve notification templates.') },
  templateMethod: {
    FORBIDDEN: notFound,
    'FAILED_VALIDATION method': invalidMethod,
    otherwise: failed('Failed to update notification template method.'),
  },
  preferences: {
    INVALID_FOREIGN_KEY: preferencesFailed,
    'FAILED_VALIDATION template_disabled_map': refused('Unable to parse notification template UUID.'),
    otherwise: failed('Failed to update user notifications preferences.'),
  },
  test: {
    FAILED_VALIDATION: testFailed,
    RECORD_NOT_UNIQUE: testFailed,
    otherwise: failed('Failed to send test notification'),
  },
  custom: {
    'FAILED_VALIDATION title': customRefused,
    'FAILED_VALIDATION message': customRefused,
    FAILED_VALIDATION: customFailed,
    RECORD_NOT_UNIQUE: customFailed,
    otherwise: failed('Failed to send custom notification'),
  },
} as const satisfies Readonly<Record<string, Failures>>;

const statusOf: Readonly<Partial<Record<ErrorCode, number>>> = {
  IDEMPOTENCY_KEY_REUSED: 422,
  INTERNAL_SERVER_ERROR: 500,
  INVALID_CREDENTIALS: 401,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  SERVICE_UNAVAILABLE: 503,
  TOKEN_EXPIRED: 401,
};

/** Translates an error to a response. The caller logs internal errors. */
export function translate(
  error: unknown,
  table: Failures,
  parameters: Readonly<Record<string, string>>,
): { readonly answer: CoderError; readonly isInternal: boolean } {
  if (error instanceof CoderError) return { answer: error, isInternal: false };
  const first = error instanceof ServiceErrors ? error.errors[0] : error;
  const otherwise = table.otherwise ?? commonFailures.otherwise;
  if (isOutage(first)) {
    return { answer: new CoderError(503, { message: databaseUnavailable().message }), isInternal: true };
  }
  if (!(first instanceof ServiceError) || first.code === 'INTERNAL_SERVER_ERROR') {
    const bug = new ServiceError('INTERNAL_SERVER_ERROR', 'An unexpected error occurred.');
    return { answer: otherwise?.(bug, parameters) ?? new CoderError(500, { message: bug.message }), isInternal: true };
  }
  const named = `${first.code} ${String(first.extensions['field'])}` as const;
  const toResponse = table[named] ?? table[first.code] ?? commonFailures[named] ?? commonFailures[first.code];
  const answer =
    toResponse?.(first, parameters) ?? new CoderError(statusOf[first.code] ?? 400, { message: first.message });
  return { answer, isInternal: false };
}
