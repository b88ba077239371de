import { LRUCache } from 'lru-cache';
import { failedValidation, ServiceError, ServiceErrors } from '../errors.ts';
import { type CheckedUser, checkEntry, type UserInput } from './input.ts';

/** A user to create or update, found by `external_id` or else by `email`. */
export type UserEntry = Omit<UserInput, 'id' | 'password' | 'token'>;

/** The validated columns of an entry: only those that were given. */
export type EntryColumns = CheckedUser['columns'];

/** An entry that is not written. */
export interface Refusal {
  readonly index: number;
  readonly error: ServiceError;
}

/** A valid entry and its position in the list, from 0. */
export interface Entry {
  readonly index: number;
  readonly columns: EntryColumns;
}

/**
 * Validates the entries of a list, each on its own.
 * @returns the valid ones and, for each of the others, its first fault
 */
export function checkEntries(given: readonly UserEntry[]): { readonly entries: Entry[]; readonly refusals: Refusal[] } {
  const entries: Entry[] = [];
  const refusals: Refusal[] = [];
  const seen: Seen = { external_id: new Map(), email: new Map(), username: new Map() };
  for (const [index, input] of given.entries()) {
    try {
      const columns = checkEntry(input);
      checkLanguage(columns.language);
      requireKey(columns);
      refuseRepeated(columns, index, seen);
      entries.push({ index, columns });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      refusals.push({ index, error: withValue(error, input) });
    }
  }
  return { entries, refusals };
}

/** Language tags that were found valid: most users of a list have one of a few languages. */
const languages = new LRUCache<string, true>({ max: 1000 });

/** Directus accepts any text as a language; an upsert accepts only language tags, which other programs understand. */
function checkLanguage(language: string | null | undefined): void {
  if (language === null || language === undefined || languages.has(language)) return;
  try {
    Intl.getCanonicalLocales(language);
    languages.set(language, true);
  } catch {
    throw failedValidation('language', 'language', 'must be a BCP 47 language tag, such as "en-GB"', {
      value: language,
    });
  }
}

function requireKey({ external_id, email }: EntryColumns): void {
  if (typeof external_id === 'string' || typeof email === 'string') return;
  throw failedValidation('external_id', 'required', 'give "external_id" or "email", by which the user is found');
}

type Seen = Readonly<Record<'external_id' | 'email' | 'username', Map<string, number>>>;

/** Refuses an entry for the same user as an earlier one: the result would depend on the order of the entries. */
function refuseRepeated({ external_id, email, username }: EntryColumns, index: number, seen: Seen): void {
  const name = username?.toLowerCase();
  refuseSeen(seen, 'external_id', external_id);
  refuseSeen(seen, 'email', email);
  refuseSeen(seen, 'username', name);
  if (typeof external_id === 'string') seen.external_id.set(external_id, index);
  if (typeof email === 'string') seen.email.set(email, index);
  if (name !== undefined) seen.username.set(name, index);
}

function refuseSeen(seen: Seen, field: keyof Seen, value: string | null | undefined): void {
  const first = typeof value === 'string' ? seen[field].get(value) : undefined;
  if (first !== undefined) throw failedValidation(field, 'repeated', `entry ${first} has the same value`, { value });
}

/** The first fault of an entry, with the value that it is about. */
function withValue(error: ServiceError, input: UserEntry): ServiceError {
  const { code, message, extensions } = error instanceof ServiceErrors ? error.errors[0] : error;
  const value: unknown = Reflect.get(input, String(extensions['field']));
  return value === undefined ? error : new ServiceError(code, message, { value, ...extensions });
}
