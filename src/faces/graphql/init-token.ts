type Payload = Readonly<Record<string, unknown>>;

/** Where clients and their examples put the token, without regard to case; the first that has one counts. */
const tokenKeys = ['access_token', 'authtoken', 'token', 'authorization'] as const;

/**
 * The token in the payload of `connection_init`: `access_token`, `authToken`, `token` or `Authorization` of the payload,
 * or `Authorization` of its `headers`, with or without `Bearer`. Undefined: the payload names none.
 */
export function initToken(payload: Payload): string | undefined {
  const token = firstOf(payload, tokenKeys) ?? firstOf(headersOf(payload), ['authorization']);
  return token === undefined ? undefined : String(token).replace(/^\s*bearer\s+/i, '');
}

/** The value of the first of the keys that has one; a client without a token sends null. */
function firstOf(payload: Payload, keys: readonly string[]): unknown {
  const values = new Map(Object.entries(payload).map(([key, value]) => [key.toLowerCase(), value ?? undefined]));
  return keys.map((key) => values.get(key)).find((value) => value !== undefined);
}

function headersOf(payload: Payload): Payload {
  const headers = firstOf(payload, ['headers']);
  return typeof headers === 'object' && headers !== null ? (headers as Payload) : {};
}
