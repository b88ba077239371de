import { cutSentence, cutValue } from './quoting.ts';

/**
 * The closed family of errors that callers may see. Each has a stable `code`; the texts are not a contract. Anything
 * else thrown is a bug: logged once, in full, and masked.
 */
export type ErrorCode =
  | 'FAILED_VALIDATION'
  | 'FORBIDDEN'
  | 'GRAPHQL_VALIDATION'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INTERNAL_SERVER_ERROR'
  | 'INVALID_CREDENTIALS'
  | 'INVALID_FOREIGN_KEY'
  | 'INVALID_PAYLOAD'
  | 'INVALID_QUERY'
  | 'INVALID_TOKEN'
  | 'METHOD_NOT_ALLOWED'
  | 'NOT_ACCEPTABLE'
  | 'RECORD_NOT_UNIQUE'
  | 'REQUESTS_EXCEEDED'
  | 'REQUEST_IN_PROGRESS'
  | 'ROUTE_NOT_FOUND'
  | 'SERVICE_UNAVAILABLE'
  | 'TOKEN_EXPIRED'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'VALUE_OUT_OF_RANGE'
  | 'VALUE_TOO_LONG';

/** Details of an error beside code and message, sent as `extensions`. */
export type ErrorExtensions = Readonly<Record<string, unknown>>;

/**
 * An error of the family. `extensions` does not contain `code`, which is added last when the error is rendered. Quoted
 * values are cut here, for every face.
 */
export class ServiceError extends Error {
  override readonly name: string = 'ServiceError';
  readonly code: ErrorCode;
  readonly extensions: ErrorExtensions;

  constructor(code: ErrorCode, message: string, extensions: ErrorExtensions = {}, cause?: unknown) {
    super(cutSentence(message), cause === undefined ? undefined : { cause });
    this.code = code;
    this.extensions = cutExtensions(extensions);
  }
}

/** Truncates values that may repeat input. The service itself writes the arrays, such as the methods of a path. */
function cutExtensions(extensions: ErrorExtensions): ErrorExtensions {
  const cut = ([key, value]: [string, unknown]) => {
    if (key === 'reason' && typeof value === 'string') return [key, cutSentence(value)];
    return [key, Array.isArray(value) && key !== 'value' ? value : cutValue(value)];
  };
  return Object.fromEntries(Object.entries(extensions).map(cut));
}

/** Several errors in one input. Sent as a list, or only the first if the format allows only one. */
export class ServiceErrors extends ServiceError {
  override readonly name = 'ServiceErrors';
  readonly errors: readonly [ServiceError, ...ServiceError[]];

  constructor(errors: readonly [ServiceError, ...ServiceError[]]) {
    super(errors[0].code, errors.map((error) => error.message).join(' '), errors[0].extensions);
    this.errors = errors;
  }
}

/** Throws nothing, the only error, or all errors together. */
export function throwAll(errors: readonly ServiceError[]): void {
  const [first, ...rest] = errors;
  if (first === undefined) return;
  throw rest.length === 0 ? first : new ServiceErrors([first, ...rest]);
}

const withReason = (code: ErrorCode, prefix: string) => (reason: string, cause?: unknown) =>
  new ServiceError(code, `${prefix} ${reason}.`, { reason }, cause);

/** The query (filter, sort, limit, …) is invalid. `reason` names the parameter, without a full stop. */
export const invalidQuery = withReason('INVALID_QUERY', 'Invalid query.');

/** The body is invalid. `reason` names the field, without a full stop. */
export const invalidPayload = withReason('INVALID_PAYLOAD', 'Invalid payload.');

/** The body has an unsupported form. `reason` names the header, without a full stop. */
export const unsupportedMediaType = withReason('UNSUPPORTED_MEDIA_TYPE', 'Unsupported media type.');

/** The caller may not do this, or it does not exist: callers cannot tell which. No reason is given for rows. */
export function forbidden(reason?: string): ServiceError {
  return reason === undefined
    ? new ServiceError('FORBIDDEN', 'You may not do this, or it does not exist.')
    : new ServiceError('FORBIDDEN', `${reason}.`, { reason });
}

/** The field does not exist or is not readable by the caller. `path` is `root` or a dotted relation path. */
export function forbiddenField(collection: string, field: string, path = 'root'): ServiceError {
  return forbidden(
    `You may not access the field "${field}" of "${collection}", or it does not exist (asked for at ${path})`,
  );
}

/** The caller may not perform `action` on the collection. */
export function forbiddenCollection(collection: string, action: 'read' | 'create' | 'update' | 'delete'): ServiceError {
  return forbidden(`You may not ${action} in the collection "${collection}"`);
}

/** A value violates a rule of its field. `type` is the rule: `required`, `nnull`, `in`, `uuid`, `integer`, … */
export function failedValidation(field: string, type: string, text: string, more: ErrorExtensions = {}): ServiceError {
  return new ServiceError('FAILED_VALIDATION', `Validation failed for the field "${field}": ${text}.`, {
    field,
    path: [],
    type,
    ...more,
  });
}

/** The value references a row that does not exist. */
export function invalidForeignKey(collection: string, field: string, value: unknown): ServiceError {
  return new ServiceError(
    'INVALID_FOREIGN_KEY',
    `The field "${field}" of "${collection}" refers to a row that does not exist.`,
    {
      collection,
      field,
      value,
    },
  );
}

/** The value is already taken. */
export function recordNotUnique(collection: string, field: string, value: unknown): ServiceError {
  return new ServiceError('RECORD_NOT_UNIQUE', `The value of "${field}" in "${collection}" is already in use.`, {
    collection,
    field,
    value,
  });
}

/** The text is longer than the field allows. */
export function valueTooLong(collection: string, field: string, value: unknown): ServiceError {
  return new ServiceError('VALUE_TOO_LONG', `The value of "${field}" in "${collection}" is too long.`, {
    collection,
    field,
    value,
  });
}

/** The number is outside the range of the field. */
export function valueOutOfRange(collection: string, field: string, value: unknown): ServiceError {
  return new ServiceError('VALUE_OUT_OF_RANGE', `The value of "${field}" in "${collection}" is out of range.`, {
    collection,
    field,
    value,
  });
}

/** The token is unknown or expired, or its user is not active; or signing in is required. */
export function invalidCredentials(): ServiceError {
  return new ServiceError('INVALID_CREDENTIALS', 'These credentials are not valid.');
}

/** Signing in is required, and no token was sent. */
export function noToken(): ServiceError {
  return new ServiceError('INVALID_CREDENTIALS', missingToken);
}

/** Returns the error to send to a caller without a token: the message of a FORBIDDEN says that the token is missing. */
export function errorForAnonymous(error: ServiceError): ServiceError {
  if (error instanceof ServiceErrors) {
    const [first, ...others] = error.errors;
    return new ServiceErrors([errorForAnonymous(first), ...others.map(errorForAnonymous)]);
  }
  return error.code === 'FORBIDDEN'
    ? new ServiceError('FORBIDDEN', `${missingToken} ${error.message}`, error.extensions)
    : error;
}

const missingToken = 'No token was sent.';

/** The caller exceeds a limit. */
export const requestsExceeded = withReason('REQUESTS_EXCEEDED', 'Too many requests:');

/** The idempotency key was used for another request. */
export function idempotencyKeyReused(): ServiceError {
  const reason = 'the idempotency key was used for another request';
  return new ServiceError('IDEMPOTENCY_KEY_REUSED', `Unprocessable request: ${reason}.`, { reason });
}

/** A request with the same idempotency key is running. */
export function requestInProgress(): ServiceError {
  const reason = 'a request with the same idempotency key is still running; try again in a moment';
  return new ServiceError('REQUEST_IN_PROGRESS', `Conflict: ${reason}.`, { reason });
}

/** The route does not exist. */
export function routeNotFound(path: string): ServiceError {
  return new ServiceError('ROUTE_NOT_FOUND', `There is no route ${path}.`, { path });
}

/** The route does not support the method. */
export function methodNotAllowed(current: string, allowed: readonly string[]): ServiceError {
  return new ServiceError('METHOD_NOT_ALLOWED', `The method ${current} is not allowed here.`, { allowed, current });
}

/** No available format matches the `Accept` header. `reason` lists them, without a full stop. */
export const notAcceptable = withReason('NOT_ACCEPTABLE', 'Not acceptable.');

/** The service is temporarily unavailable. */
export function serviceUnavailable(service: string, reason: string): ServiceError {
  return new ServiceError('SERVICE_UNAVAILABLE', `The service "${service}" is unavailable: ${reason}.`, {
    service,
    reason,
  });
}

/** The database is unavailable; the cause is logged only. */
export const databaseUnavailable = (): ServiceError => serviceUnavailable('database', 'try again in a moment');
