import { cutSentence, cutValue } from './quoting.ts';

/**
 * The closed family of errors a caller may see. Every member has a stable `code`; the texts are not a contract.
 * Anything else that is thrown is a fault of ours: logged once, whole, and masked.
 */
export type ErrorCode =
  | 'FAILED_VALIDATION'
  | 'FORBIDDEN'
  | 'GRAPHQL_VALIDATION'
  | 'INTERNAL_SERVER_ERROR'
  | 'INVALID_CREDENTIALS'
  | 'INVALID_FOREIGN_KEY'
  | 'INVALID_PAYLOAD'
  | 'INVALID_QUERY'
  | 'METHOD_NOT_ALLOWED'
  | 'NOT_ACCEPTABLE'
  | 'RECORD_NOT_UNIQUE'
  | 'REQUESTS_EXCEEDED'
  | 'ROUTE_NOT_FOUND'
  | 'SERVICE_UNAVAILABLE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'VALUE_OUT_OF_RANGE'
  | 'VALUE_TOO_LONG';

/** What an error says besides its code and message: shown to callers as `extensions`. */
export type ErrorExtensions = Readonly<Record<string, unknown>>;

/**
 * An error of the family. `extensions` never holds `code`; whoever renders the error adds it last. What it quotes is
 * cut here, for every face.
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

/** Lists are ours, such as the methods of a path; everything else may repeat what was given. */
function cutExtensions(extensions: ErrorExtensions): ErrorExtensions {
  const cut = ([key, value]: [string, unknown]) => {
    if (key === 'reason' && typeof value === 'string') return [key, cutSentence(value)];
    return [key, Array.isArray(value) && key !== 'value' ? value : cutValue(value)];
  };
  return Object.fromEntries(Object.entries(extensions).map(cut));
}

/** Several errors found in one input; shown as a list, or as the first of them where only one fits. */
export class ServiceErrors extends ServiceError {
  override readonly name = 'ServiceErrors';
  readonly errors: readonly [ServiceError, ...ServiceError[]];

  constructor(errors: readonly [ServiceError, ...ServiceError[]]) {
    super(errors[0].code, errors.map((error) => error.message).join(' '), errors[0].extensions);
    this.errors = errors;
  }
}

/** Throws what was found: nothing, the one error, or all of them together. */
export function throwAll(errors: readonly ServiceError[]): void {
  const [first, ...rest] = errors;
  if (first === undefined) return;
  throw rest.length === 0 ? first : new ServiceErrors([first, ...rest]);
}

const withReason = (code: ErrorCode, prefix: string) => (reason: string, cause?: unknown) =>
  new ServiceError(code, `${prefix} ${reason}.`, { reason }, cause);

/** The query (filter, sort, limit, …) cannot be understood. `reason` names the parameter and has no full stop. */
export const invalidQuery = withReason('INVALID_QUERY', 'Invalid query.');

/** The body or a part of it cannot be understood. `reason` names the field and has no full stop. */
export const invalidPayload = withReason('INVALID_PAYLOAD', 'Invalid payload.');

/** The body is in a form that is not read. `reason` names the header and has no full stop. */
export const unsupportedMediaType = withReason('UNSUPPORTED_MEDIA_TYPE', 'Unsupported media type.');

/** The caller may not, or the thing does not exist: both read the same. Row-level denials give no reason. */
export function forbidden(reason?: string): ServiceError {
  return reason === undefined
    ? new ServiceError('FORBIDDEN', 'You may not do this, or it does not exist.')
    : new ServiceError('FORBIDDEN', `${reason}.`, { reason });
}

/** A field of the collection does not exist or is not for this caller. `path` is `root` or a dotted relation path. */
export function forbiddenField(collection: string, field: string, path = 'root'): ServiceError {
  return forbidden(
    `You may not access the field "${field}" of "${collection}", or it does not exist (asked for at ${path})`,
  );
}

/** The caller may not do `action` on the collection at all. */
export function forbiddenCollection(collection: string, action: 'read' | 'create' | 'update' | 'delete'): ServiceError {
  return forbidden(`You may not ${action} in the collection "${collection}"`);
}

/** A value breaks a rule of its field. `type` is the rule: `required`, `nnull`, `in`, `uuid`, `integer`, … */
export function failedValidation(field: string, type: string, text: string, more: ErrorExtensions = {}): ServiceError {
  return new ServiceError('FAILED_VALIDATION', `Validation failed for the field "${field}": ${text}.`, {
    field,
    path: [],
    type,
    ...more,
  });
}

/** The value points at a row that does not exist. */
export function invalidForeignKey(collection: string, field: string, value: unknown): ServiceError {
  return new ServiceError('INVALID_FOREIGN_KEY', `The field "${field}" of "${collection}" points at nothing.`, {
    collection,
    field,
    value,
  });
}

/** The value is taken. */
export function recordNotUnique(collection: string, field: string, value: unknown): ServiceError {
  return new ServiceError('RECORD_NOT_UNIQUE', `The value of "${field}" in "${collection}" is taken.`, {
    collection,
    field,
    value,
  });
}

/** The text is longer than the field holds. */
export function valueTooLong(collection: string, field: string, value: unknown): ServiceError {
  return new ServiceError('VALUE_TOO_LONG', `The value of "${field}" in "${collection}" is too long.`, {
    collection,
    field,
    value,
  });
}

/** The number is beyond what the field holds. */
export function valueOutOfRange(collection: string, field: string, value: unknown): ServiceError {
  return new ServiceError('VALUE_OUT_OF_RANGE', `The value of "${field}" in "${collection}" is out of range.`, {
    collection,
    field,
    value,
  });
}

/** The token is unknown, expired or its user is not active; or somebody must sign in first. */
export function invalidCredentials(): ServiceError {
  return new ServiceError('INVALID_CREDENTIALS', 'These credentials are not valid.');
}

/** Somebody must be signed in, and nobody said who they are. */
export function noToken(): ServiceError {
  return new ServiceError('INVALID_CREDENTIALS', missingToken);
}

/** An error as somebody reads it who sent no token: what is refused to them may be allowed to who does. */
export function toldWithoutToken(error: ServiceError): ServiceError {
  if (error instanceof ServiceErrors) {
    const [first, ...others] = error.errors;
    return new ServiceErrors([toldWithoutToken(first), ...others.map(toldWithoutToken)]);
  }
  return error.code === 'FORBIDDEN'
    ? new ServiceError('FORBIDDEN', `${missingToken} ${error.message}`, error.extensions)
    : error;
}

const missingToken = 'No token was sent.';

/** The caller has or asks for more than one may. */
export const requestsExceeded = withReason('REQUESTS_EXCEEDED', 'Too much at one time:');

/** There is no such route. */
export function routeNotFound(path: string): ServiceError {
  return new ServiceError('ROUTE_NOT_FOUND', `There is no route ${path}.`, { path });
}

/** The route is there, but not for this method. */
export function methodNotAllowed(current: string, allowed: readonly string[]): ServiceError {
  return new ServiceError('METHOD_NOT_ALLOWED', `The method ${current} is not allowed here.`, { allowed, current });
}

/** Nothing can be sent that the `Accept` header takes. `reason` says what can be, without a full stop. */
export const notAcceptable = withReason('NOT_ACCEPTABLE', 'Not acceptable.');

/** The service cannot answer now, but may later. */
export function serviceUnavailable(service: string, reason: string): ServiceError {
  return new ServiceError('SERVICE_UNAVAILABLE', `The service "${service}" is unavailable: ${reason}.`, {
    service,
    reason,
  });
}

/** The database cannot be asked; why is for the log. */
export const databaseUnavailable = (): ServiceError => serviceUnavailable('database', 'try again in a moment');
