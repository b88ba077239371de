type Payload = Readonly<Record<string, unknown>>;

/** The keys that clients use for the token, in lower case; the first with a value wins. */
const tokenKeys = ['access_token', 'authtoken', 'token', 'authorization'] as const;

/**
 * The token in the payload of `connection_init`: `access_token`, `authToken`, `token` or `Authorization` of the
 * payload, or `Authorization` of its `headers`, with or without `Bearer`. Undefined if there is none.
 */
export function initToken(payload: Payload): string | undefined {
  const token = firstOf(payload, tokenKeys) ?? firstOf(headersOf(payload), ['authorization']);
  return token === undefined ? undefined : String(token).replace(/^\s*bearer\s+/i, '');
}

/** The first value under any of the keys, ignoring case and null, which clients without a token send. */
function firstOf(payload: Payload, keys: readonly string[]): unknown {
  const values = new Map(Object.entries(payload).map(([key, value]) => [key.toLowerCase(), value ?? undefined]));
  return keys.map((key) => values.get(key)).find((value) => value !== undefined);
}

function headersOf(payload: Payload): Payload {
  const headers = firstOf(payload, ['headers']);
  return typeof headers === 'object' && headers !== null ? (headers as Payload) : {};
}
