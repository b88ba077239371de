import { z } from 'zod';
import { passwordFault, tokenFault } from '../auth/secret-rules.ts';
import { checker, flag, omitUndefined, oneOf, read, refuse, rule, text, uuid } from '../checks.ts';
import { recordNotUnique, type ServiceError } from '../errors.ts';
import { roles } from '../roles.ts';
import { parseUuid } from '../values.ts';
import { usersCollection } from './model.ts';
import { timezoneName } from './timezone.ts';

const textLimit = 255;
/** What a stored secret reads as; writing it back changes nothing. */
const concealed = '**********';
// Excludes characters that could end the address in a mail header or split it into two.
const emailPattern = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u;

const email = text(textLimit)
  .transform((value) => value.trim().toLowerCase())
  .refine((address) => emailPattern.test(address), rule('email', 'must be an e-mail address'));

/** A username must not look like an id or `me`, because callers may give any of the three to name a user. */
const username = text(textLimit)
  .transform((value) => value.trim())
  .refine(
    (name) => name !== '' && name.toLowerCase() !== 'me' && parseUuid(name) === null,
    rule('username', 'must not be empty, "me" or a UUID'),
  );

/** Applications choose it freely, so it is kept as it is. `me` stands for the caller where a user is named. */
const externalId = text(textLimit).refine(
  (id) => id !== '' && id !== 'me',
  rule('external_id', 'must not be empty or "me"'),
);

/** A secret; undefined when the concealed value is written back. @param faultOf what is wrong with a value, or null */
function secret(field: string, faultOf: (value: string) => string | null) {
  return z
    .unknown()
    .transform((input, context) => {
      if (input === concealed) return undefined;
      const fault = typeof input === 'string' ? faultOf(input) : 'must be a string';
      return typeof input === 'string' && fault === null ? input : refuse(context, input, rule(field, fault ?? ''));
    })
    .nullable();
}

const User = z
  .strictObject({
    id: uuid().nullable(),
    external_id: externalId.nullable(),
    first_name: text(textLimit).nullable(),
    last_name: text(textLimit).nullable(),
    title: text(textLimit).nullable(),
    location: text(textLimit).nullable(),
    description: text().nullable(),
    language: text(textLimit).nullable(),
    timezone: read(timezoneName, rule('timezone', 'must be an IANA time zone, such as "Europe/Berlin"')).nullable(),
    email: email.nullable(),
    username: username.nullable(),
    avatar: uuid().nullable(),
    role: oneOf(roles),
    status: oneOf(['active', 'suspended']),
    email_notifications: flag(),
    password: secret('password', passwordFault),
    token: secret('token', tokenFault),
  })
  .partial();

/** A user as callers write it. Absent fields keep their value or get the default; null clears a field. */
export interface UserInput {
  /** Ignored when updating. */
  readonly id?: string | null | undefined;
  /** The id that the application gives the user, stored unchanged. */
  readonly external_id?: string | null | undefined;
  /** Stored trimmed and in lower case. */
  readonly email?: string | null | undefined;
  /** Unique regardless of case. */
  readonly username?: string | null | undefined;
  readonly first_name?: string | null | undefined;
  readonly last_name?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly location?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly avatar?: string | null | undefined;
  readonly language?: string | null | undefined;
  /** IANA time zone. */
  readonly timezone?: string | null | undefined;
  /** `admin`, `operator`, `reader` or `member`. */
  readonly role?: string | null | undefined;
  /** `active` or `suspended`. */
  readonly status?: string | null | undefined;
  readonly email_notifications?: boolean | null | undefined;
  /** 8 to 1000 characters. */
  readonly password?: string | null | undefined;
  /** 16 to 255 visible ASCII characters. */
  readonly token?: string | null | undefined;
}

/** A validated user: columns for Prisma, and the values that are hashed or stored elsewhere. */
export type CheckedUser = ReturnType<typeof checkUser>;

const checked = checker(usersCollection.name, User);
const checkedEntry = checker(usersCollection.name, User.omit({ id: true, password: true, token: true }));

/**
 * Validates a new user or a change. For `password` and `token`, undefined keeps the value and null removes it.
 * @throws ServiceError with one fault for each invalid field.
 */
export function checkUser(input: UserInput) {
  const { id, password, token, ...columns } = checked(input);
  return { id: id ?? undefined, columns: omitUndefined(columns), password, token };
}

/**
 * Validates a user of an upsert, which has neither `id` nor `password` nor `token`.
 * @throws ServiceError with one fault for each invalid field.
 */
export function checkEntry(input: Omit<UserInput, 'id' | 'password' | 'token'>): CheckedUser['columns'] {
  return omitUndefined(checkedEntry(input));
}

/** The error for a violated unique constraint. The message does not repeat tokens. */
export function valueTaken(field: string, value: unknown): ServiceError {
  return recordNotUnique(usersCollection.name, field, field === 'token' ? concealed : value);
}
