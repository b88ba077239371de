import { passwordFault, tokenFault } from '../auth/secret-rules.ts';
import { failedValidation, recordNotUnique, type ServiceError, throwAll, valueTooLong } from '../errors.ts';
import { isLongerThan, isStorable, parseUuid } from '../values.ts';
import { usersCollection } from './model.ts';

/** A user as a caller writes it; absent fields take their defaults or stay as they are, null empties a field. */
export interface UserInput {
  /** Ignored when updating. */
  readonly id?: string | null | undefined;
  /** Kept in lower case, without spaces around it. */
  readonly email?: string | null | undefined;
  /** Taken whatever its case. */
  readonly username?: string | null | undefined;
  readonly first_name?: string | null | undefined;
  readonly last_name?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly location?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly avatar?: string | null | undefined;
  readonly language?: string | null | undefined;
  /** `admin` or `member`. */
  readonly role?: string | null | undefined;
  /** `active` or `suspended`. */
  readonly status?: string | null | undefined;
  readonly email_notifications?: boolean | null | undefined;
  /** 8 to 1000 characters. */
  readonly password?: string | null | undefined;
  /** 16 to 255 visible ASCII characters. */
  readonly token?: string | null | undefined;
}

/** A checked user as Prisma takes it, and what is stored elsewhere or not as it is. */
export interface CheckedUser {
  readonly id: string | undefined;
  readonly columns: Columns;
  /** undefined: stays; null: goes. */
  readonly password: string | null | undefined;
  readonly token: string | null | undefined;
}

interface Columns {
  email?: string | null;
  username?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  title?: string | null;
  location?: string | null;
  description?: string | null;
  avatar?: string | null;
  language?: string | null;
  role?: string;
  status?: string;
  emailNotifications?: boolean;
}

const name = usersCollection.name;
/** How a secret that is set reads. Written back as it was read, it changes nothing. */
const concealed = '**********';
const textColumns = {
  first_name: 'firstName',
  last_name: 'lastName',
  title: 'title',
  location: 'location',
  description: 'description',
  language: 'language',
} as const;
const known: ReadonlySet<string> = new Set([
  ...Object.keys(textColumns),
  ...['id', 'email', 'username', 'avatar', 'role', 'status', 'email_notifications', 'password', 'token'],
]);
const textLimit = 255;
// Nothing that could end the address in a mail's header or make two of one.
const emailForm = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u;

/**
 * Checks a user to be created or a change of one.
 * @throws ServiceError every fault together, one for each faulty field.
 */
export function checkUser(input: UserInput): CheckedUser {
  const faults: ServiceError[] = [];
  for (const field of Object.keys(input)) {
    if (!known.has(field)) faults.push(failedValidation(field, 'unknown', `"${name}" cannot be given this field`));
  }
  const checked: CheckedUser = {
    id: input.id === undefined || input.id === null ? undefined : (uuid('id', input.id, faults) ?? undefined),
    columns: columnsOf(input, faults),
    password: secret('password', input.password, faults, passwordFault),
    token: secret('token', input.token, faults, tokenFault),
  };
  throwAll(faults);
  return checked;
}

/** What the caller is told when a constraint says that a value is taken; tokens are not repeated. */
export function taken(field: string, value: unknown): ServiceError {
  return recordNotUnique(name, field, field === 'token' ? concealed : value);
}

function columnsOf(input: UserInput, faults: ServiceError[]): Columns {
  const columns: Columns = {};
  for (const [field, column] of Object.entries(textColumns) as [keyof typeof textColumns, keyof Columns][]) {
    const value = input[field as keyof typeof textColumns];
    if (value === undefined) continue;
    const limit = field === 'description' ? undefined : textLimit;
    Object.assign(columns, { [column]: text(field, value, faults, limit) });
  }
  if (input.email !== undefined) columns.email = email(input.email, faults);
  if (input.username !== undefined) columns.username = username(input.username, faults);
  if (input.avatar !== undefined) columns.avatar = input.avatar === null ? null : uuid('avatar', input.avatar, faults);
  if (input.role !== undefined) columns.role = oneOf('role', input.role, ['admin', 'member'], faults);
  if (input.status !== undefined) columns.status = oneOf('status', input.status, ['active', 'suspended'], faults);
  if (input.email_notifications !== undefined) {
    columns.emailNotifications = flag('email_notifications', input.email_notifications, faults);
  }
  return columns;
}

function text(field: string, value: unknown, faults: ServiceError[], limit?: number): string | null {
  if (value === null) return null;
  if (typeof value !== 'string') faults.push(failedValidation(field, 'string', 'it is no text'));
  else if (!isStorable(value)) faults.push(failedValidation(field, 'string', 'it holds characters no text can hold'));
  else if (limit !== undefined && isLongerThan(value, limit)) faults.push(valueTooLong(name, field, value));
  else return value;
  return null;
}

function uuid(field: string, value: unknown, faults: ServiceError[]): string | null {
  const key = parseUuid(value);
  if (key === null) faults.push(failedValidation(field, 'uuid', 'it is no uuid'));
  return key;
}

function email(value: unknown, faults: ServiceError[]): string | null {
  const address = text('email', value, faults, textLimit)?.trim().toLowerCase() ?? null;
  if (address === null || emailForm.test(address)) return address;
  faults.push(failedValidation('email', 'email', 'it is no e-mail address'));
  return null;
}

/** A username stands where an id or `me` may stand too, so it must not look like one. */
function username(value: unknown, faults: ServiceError[]): string | null {
  const given = text('username', value, faults, textLimit)?.trim() ?? null;
  if (given === null) return null;
  if (given !== '' && given.toLowerCase() !== 'me' && parseUuid(given) === null) return given;
  faults.push(failedValidation('username', 'username', 'it must not be empty, "me" or a uuid'));
  return null;
}

function oneOf(field: string, value: unknown, valid: readonly string[], faults: ServiceError[]): string {
  if (typeof value === 'string' && valid.includes(value)) return value;
  const type = value === null ? 'nnull' : 'in';
  faults.push(failedValidation(field, type, `it must be one of ${valid.join(', ')}`, { valid }));
  return '';
}

function flag(field: string, value: unknown, faults: ServiceError[]): boolean {
  if (typeof value === 'boolean') return value;
  faults.push(failedValidation(field, value === null ? 'nnull' : 'boolean', 'it must be true or false'));
  return false;
}

function secret(
  field: string,
  value: unknown,
  faults: ServiceError[],
  check: (value: string) => string | null,
): string | null | undefined {
  if (value === undefined || value === null) return value;
  if (value === concealed) return undefined;
  const fault = typeof value === 'string' ? check(value) : 'it is no text';
  if (fault === null) return value as string;
  faults.push(failedValidation(field, field, fault));
  return undefined;
}
