import { failedValidation, type ServiceError } from '../errors.ts';
import { isStorable, parseUuid } from '../values.ts';
import type { KeyMatch } from './sql/find-by-keys.ts';
import type { UserKeyMethods } from './sql/methods.ts';
import { type KeyKind, keyKinds, parseUserKey, type UserKey } from './user-key.ts';

/** Makes the error for a key that two users have. @param reason names the key and both kinds, without a full stop */
export type AmbiguousKey = (reason: string, key: string) => ServiceError;

interface Search {
  readonly ambiguous: AmbiguousKey;
  /** The only user who can be found, for viewers who may not know of others; null: every user. */
  readonly only: string | null;
}

/**
 * Finds the users that the keys name with one statement. Returns their ids by key; a key that names no user has no
 * entry. A plain text is tried as UUID, external id, username (in any case) and e-mail address.
 * @throws ServiceError `ambiguous` for a plain text that is a key of two users.
 */
export async function findUsers(
  prisma: UserKeyMethods,
  keys: Iterable<string>,
  { ambiguous, only }: Search,
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Map<string, UserKey>();
  for (const text of keys) {
    const key = parseUserKey(text);
    if (isStorable(key.value)) wanted.set(text, key);
  }
  if (wanted.size === 0) return new Map();
  const of = (kind: KeyKind) => [...new Set([...wanted.values()].flatMap((key) => valueAs(kind, key) ?? []))];
  const values = { id: of('id'), external_id: of('external_id'), username: of('username'), email: of('email') };
  const index = indexOf(await prisma.user.findByKeys(values, only));
  const found = new Map<string, string>();
  for (const [text, key] of wanted) {
    const users = usersWith(key, index);
    const [first, second] = users;
    if (first === undefined) continue;
    if (second !== undefined) throw ambiguous(ambiguity(key.value, first.kind, second.kind), text);
    found.set(text, first.id);
  }
  return found;
}

/** The error of a body's field for a key that two users have. */
export function ambiguousIn(field: string): AmbiguousKey {
  return (reason, value) => failedValidation(field, 'ambiguous', reason, { value });
}

/** The value to look up as one kind; undefined if the key cannot be of that kind. */
function valueAs(kind: KeyKind, key: UserKey): string | undefined {
  if (key.kind !== 'any' && key.kind !== kind) return undefined;
  if (kind === 'id') return parseUuid(key.value) ?? undefined;
  // Addresses are stored trimmed and in lower case.
  return kind === 'email' ? key.value.trim().toLowerCase() : key.value;
}

type Index = ReadonlyMap<string, readonly KeyMatch[]>;

const entryOf = (kind: KeyKind, value: string) => `${kind} ${value}`;

function indexOf(matches: readonly KeyMatch[]): Index {
  const index = new Map<string, KeyMatch[]>();
  for (const match of matches) {
    const entry = entryOf(match.kind, match.value);
    const others = index.get(entry);
    if (others) others.push(match);
    else index.set(entry, [match]);
  }
  return index;
}

/** The users that a key names, each with the first kind of key that matches. */
function usersWith(key: UserKey, index: Index): { readonly id: string; readonly kind: KeyKind }[] {
  const users = new Map<string, KeyKind>();
  for (const kind of keyKinds) {
    const value = valueAs(kind, key);
    const matches = value === undefined ? [] : (index.get(entryOf(kind, value)) ?? []);
    // Old databases may hold usernames that differ only by case; those match only when spelled exactly.
    const meant = matches.length > 1 ? matches.filter(({ username }) => username === value) : matches;
    for (const { id } of meant) if (!users.has(id)) users.set(id, kind);
  }
  return [...users].map(([id, kind]) => ({ id, kind }));
}

const nameOfKind: Readonly<Record<KeyKind, string>> = {
  id: 'uuid',
  external_id: 'external_id',
  username: 'username',
  email: 'email',
};

function ambiguity(value: string, first: KeyKind, second: KeyKind): string {
  const text = JSON.stringify(value);
  return `${text} is the ${nameOfKind[first]} of one user and the ${nameOfKind[second]} of another; say which as {"${first}": ${text}} or {"${second}": ${text}}`;
}
