/** The columns by which a caller can name a user. */
export const keyKinds = ['id', 'external_id', 'username', 'email'] as const;
export type KeyKind = (typeof keyKinds)[number];

/** A value that names a user, and its kind; `any`: it is tried as each kind. */
export interface UserKey {
  readonly kind: KeyKind | 'any';
  readonly value: string;
}

/** The rule for callers, part of the descriptions in the schema. */
export const userKeyRule =
  'the uuid of a user, or else an `external_id`, `username` or `email`; a text that two users have is refused. `{ external_id: … }` (or `id`, `username`, `email`) says which it is';

/**
 * Parses the text by which a caller names a user: a plain text, or the JSON of an object with one of the kinds, such as
 * `{"external_id":"42"}`. Objects are kept as text, so that they fit wherever a key is a text: in paths, `ID` arguments
 * and commands.
 */
export function parseUserKey(text: string): UserKey {
  return (text.startsWith('{') ? parseObject(text) : undefined) ?? { kind: 'any', value: text };
}

/** The text for an object that says which kind of key it holds; undefined if the value is no such object. */
export function userKeyText(value: unknown): string | undefined {
  const key = fromObject(value);
  return key && JSON.stringify({ [key.kind]: key.value });
}

function parseObject(text: string): UserKey | undefined {
  try {
    return fromObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function fromObject(value: unknown): UserKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const [entry, ...others] = Object.entries(value);
  const kind = keyKinds.find((name) => name === entry?.[0]);
  if (entry === undefined || kind === undefined || others.length > 0) return undefined;
  const given: unknown = entry[1];
  // Many applications have numbers as ids of their users.
  if (typeof given === 'number' && Number.isSafeInteger(given)) return { kind, value: String(given) };
  return typeof given === 'string' ? { kind, value: given } : undefined;
}
