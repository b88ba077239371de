import { z } from 'zod';
import { passwordFault, tokenFault } from '../auth/secret-rules.ts';
import { checker, flag, given, oneOf, refuse, rule, text, uuid } from '../checks.ts';
import { recordNotUnique, type ServiceError } from '../errors.ts';
import { parseUuid } from '../values.ts';
import { usersCollection } from './model.ts';

const textLimit = 255;
/** How a secret that is set reads. Written back as it was read, it changes nothing. */
const concealed = '**********';
// Nothing that could end the address in a mail's header or make two of one.
const emailForm = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u;

const email = text(textLimit)
  .transform((value) => value.trim().toLowerCase())
  .refine((address) => emailForm.test(address), rule('email', 'must be an e-mail address'));

/** A username stands where an id or `me` may stand too, so it must not look like one. */
const username = text(textLimit)
  .transform((value) => value.trim())
  .refine(
    (name) => name !== '' && name.toLowerCase() !== 'me' && parseUuid(name) === null,
    rule('username', 'must not be empty, "me" or a UUID'),
  );

/** A secret; undefined when it is written back as it was read. @param faultOf what is wrong with one, null: nothing */
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
    first_name: text(textLimit).nullable(),
    last_name: text(textLimit).nullable(),
    title: text(textLimit).nullable(),
    location: text(textLimit).nullable(),
    description: text().nullable(),
    language: text(textLimit).nullable(),
    email: email.nullable(),
    username: username.nullable(),
    avatar: uuid().nullable(),
    role: oneOf(['admin', 'member']),
    status: oneOf(['active', 'suspended']),
    email_notifications: flag(),
    password: secret('password', passwordFault),
    token: secret('token', tokenFault),
  })
  .partial();

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
export type CheckedUser = ReturnType<typeof checkUser>;

const checked = checker(usersCollection.name, User);

/**
 * Checks a user to be created or a change of one. Of `password` and `token` undefined: stays, null: goes.
 * @throws ServiceError every fault together, one for each faulty field.
 */
export function checkUser(input: UserInput) {
  const { id, password, token, first_name, last_name, email_notifications, ...same } = checked(input);
  const columns = { ...same, firstName: first_name, lastName: last_name, emailNotifications: email_notifications };
  return { id: id ?? undefined, columns: given(columns), password, token };
}

/** What the caller is told when a constraint says that a value is taken; tokens are not repeated. */
export function taken(field: string, value: unknown): ServiceError {
  return recordNotUnique(usersCollection.name, field, field === 'token' ? concealed : value);
}
