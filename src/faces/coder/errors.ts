import { databaseUnavailable, type ErrorCode, ServiceError, ServiceErrors } from '../../errors.ts';
import { isOutage } from '../../outage.ts';
import { retryAfterSeconds } from '../../quota.ts';
import { cutQuoted, cutSentence } from '../../quoting.ts';

/** A fault of one field or parameter. */
export interface Validation {
  readonly field: string;
  readonly detail: string;
}

/** The dialect's error object; what is empty is left out. */
export interface ErrorObject {
  readonly message: string;
  readonly detail?: string;
  readonly validations?: readonly Validation[];
}

/** An answer of the dialect that ends a request early. A body that is text is sent as plain text. */
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

/** What the faults quote is cut, and each sentence: one parameter may have thousands of faults. */
function cutObject({ message, detail, validations }: ErrorObject): ErrorObject {
  return {
    message: cutSentence(message),
    ...(detail === undefined ? {} : { detail: cutSentence(detail) }),
    ...(validations && {
      validations: validations.map(({ field, detail }) => ({ field: cutQuoted(field), detail: cutSentence(detail) })),
    }),
  };
}

/** The input cannot be understood. */
export const badRequest = (body: ErrorObject) => new CoderError(400, body);

/** There is no such thing, or it is not for the caller. */
export const notFound = () =>
  new CoderError(404, { message: 'Resource not found or you do not have access to this resource' });

/** There is no such path. */
export const unknownRoute = () => new CoderError(404, { message: 'Route not found.' });

/** The caller may not do this. */
export const notAllowed = () => new CoderError(403, { message: 'Forbidden.', detail: notAllowedDetail });

const notAllowedDetail =
  "You don't have permission to view this content. If you believe this is a mistake, please contact your administrator or try signing in with different credentials.";

/** The caller asks too often. @param seconds until it may ask again. */
export const rateLimited = (perMinute: number, seconds: number) =>
  new CoderError(
    429,
    { message: `You've been rate limited for sending more than ${perMinute} requests in 1m0s.` },
    { 'retry-after': String(seconds) },
  );

/** Makes the answer to an error of the family; `parameters` are those of the path. */
type Outcome = (error: ServiceError, parameters: Readonly<Record<string, string>>) => CoderError;

/** What each error becomes, by code or by code and field; `otherwise` is the message of a fault of ours. */
export type Failures = Readonly<Partial<Record<ErrorCode | `${ErrorCode} ${string}` | 'otherwise', Outcome>>>;

const failed =
  (message: string): Outcome =>
  () =>
    new CoderError(500, { message });

const failedBecause =
  (message: string): Outcome =>
  (error) =>
    new CoderError(500, { message, detail: reasonOf(error) });

/** What is known, in the words of the reference, of why nothing was enqueued. */
const notEnqueued =
  (message: string): Outcome =>
  (error) => {
    if (error.code === 'RECORD_NOT_UNIQUE') return new CoderError(500, { message, detail: 'duplicate notification' });
    const isDisabled = error.extensions['type'] === 'disabled';
    return new CoderError(500, { message, detail: isDisabled ? 'notification is not enabled' : reasonOf(error) });
  };

const refused =
  (message: string): Outcome =>
  (error) =>
    badRequest({ message, detail: reasonOf(error) });

/** The sentence about the fault alone, where the error has one. */
function reasonOf({ message, extensions: { reason } }: ServiceError): string {
  return typeof reason === 'string' ? reason : message;
}

const invalidMethod: Outcome = (error) =>
  badRequest({
    message: 'Invalid request to update notification template method',
    validations: [{ field: 'method', detail: reasonOf(error) }],
  });

const exceeded: Outcome = (error) => {
  const { message, extensions } = error;
  const seconds = retryAfterSeconds(error);
  return seconds === undefined ? new CoderError(429, { message }) : rateLimited(Number(extensions['limit']), seconds);
};

const unknownUser: Outcome = (_error, { user = '' }) =>
  badRequest({
    message: '"user" must be an existing uuid or username.',
    detail: `queried user=${JSON.stringify(user)}`,
  });

const readStatusFailed = failed('Failed to update inbox notification read status.');
const preferencesFailed = failedBecause('Failed to update user notifications preferences.');
const testFailed = notEnqueued('Failed to send test notification');
const customFailed = notEnqueued('Failed to send custom notification');
const customRefused = refused('Invalid request body');

/**
 * The dialect's one table. What a route does not name falls to `everywhere`, and there to its status with the
 * error's own message. `INVALID_CREDENTIALS` never comes from a route: nobody without a session reaches one.
 */
const everywhere: Failures = {
  FORBIDDEN: notAllowed,
  REQUESTS_EXCEEDED: exceeded,
  ROUTE_NOT_FOUND: unknownRoute,
  'FAILED_VALIDATION user': unknownUser,
  otherwise: failed('An internal server error occurred.'),
};

export const failures = {
  list: { otherwise: failed('Failed to get filtered inbox notifications.') },
  markAll: { otherwise: failed('Failed to mark all unread notifications as read.') },
  // Clients know an unknown item, and another's, by this text.
  readStatus: { FORBIDDEN: readStatusFailed, otherwise: readStatusFailed },
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
  INTERNAL_SERVER_ERROR: 500,
  INVALID_CREDENTIALS: 401,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  SERVICE_UNAVAILABLE: 503,
};

/** What a route answers to an error: anything that is not of the family stays what it is, to be logged. */
export function translate(
  error: unknown,
  table: Failures,
  parameters: Readonly<Record<string, string>>,
): { readonly answer: CoderError; readonly isOurs: boolean } {
  if (error instanceof CoderError) return { answer: error, isOurs: false };
  const known = error instanceof ServiceErrors ? error.errors[0] : error;
  const otherwise = table.otherwise ?? everywhere.otherwise;
  if (isOutage(known)) {
    return { answer: new CoderError(503, { message: databaseUnavailable().message }), isOurs: true };
  }
  if (!(known instanceof ServiceError) || known.code === 'INTERNAL_SERVER_ERROR') {
    const bug = new ServiceError('INTERNAL_SERVER_ERROR', 'An unexpected error occurred.');
    return { answer: otherwise?.(bug, parameters) ?? new CoderError(500, { message: bug.message }), isOurs: true };
  }
  const named = `${known.code} ${String(known.extensions['field'])}` as const;
  const outcome = table[named] ?? table[known.code] ?? everywhere[named] ?? everywhere[known.code];
  const answer =
    outcome?.(known, parameters) ?? new CoderError(statusOf[known.code] ?? 400, { message: known.message });
  return { answer, isOurs: false };
}
