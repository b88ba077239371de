/** The token of the admin that the first start creates. */
export const adminToken = 'the-token-of-admin';

/** A response with data, a refusal with its code, or a failure that does not tell whether the write was done. */
export type Answer =
  // The document of the caller determines the shape of the data.
  // biome-ignore lint/suspicious/noExplicitAny: read freely, compared strictly
  | { readonly kind: 'done'; readonly data: any }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unanswered' };

/** Timeout of a request. */
const timeoutMs = 60_000;
/** Codes that do not tell whether the write was done. */
const unclear: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR']);

/** Sends one GraphQL operation to the node at `url`, by default as the admin. */
export async function ask(url: string, query: string, variables: object = {}, token = adminToken): Promise<Answer> {
  try {
    const reply = await fetch(`${url}/graphql/system`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { data, errors } = (await reply.json()) as {
      readonly data?: unknown;
      readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
    };
    const [error] = errors ?? [];
    if (error === undefined) return { kind: 'done', data };
    const { code } = error.extensions;
    return unclear.has(code) ? { kind: 'unanswered' } : { kind: 'refused', code, message: error.message };
  } catch {
    return { kind: 'unanswered' };
  }
}

/** The data of an operation that must succeed. */
export async function dataOf(answer: Promise<Answer>) {
  const got = await answer;
  if (got.kind !== 'done') throw new Error(`The operation failed: ${JSON.stringify(got)}`);
  return got.data;
}
