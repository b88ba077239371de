/** The admin that every node's first start makes. */
export const adminToken = 'the-token-of-admin';

/** An answer with data, a refusal by its code, or nothing that tells whether it was done. */
export type Answer =
  // The shape of the data is the caller's to know: it wrote the document.
  // biome-ignore lint/suspicious/noExplicitAny: read freely, compared strictly
  | { readonly kind: 'done'; readonly data: any }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unsure' };

/** A node that hangs is as good as one that is gone. */
const patienceMs = 60_000;
/** These say that something went wrong, and nothing of what became of the request. */
const vague: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR']);

/** One GraphQL operation at the node of this address; left out, the admin asks. */
export async function ask(url: string, query: string, variables: object = {}, token = adminToken): Promise<Answer> {
  try {
    const reply = await fetch(`${url}/graphql/system`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const { data, errors } = (await reply.json()) as {
      readonly data?: unknown;
      readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
    };
    const [error] = errors ?? [];
    if (error === undefined) return { kind: 'done', data };
    const { code } = error.extensions;
    return vague.has(code) ? { kind: 'unsure' } : { kind: 'refused', code, message: error.message };
  } catch {
    return { kind: 'unsure' };
  }
}

/** The data of an operation that has to succeed. */
export async function dataOf(answer: Promise<Answer>) {
  const got = await answer;
  if (got.kind !== 'done') throw new Error(`Asked in vain: ${JSON.stringify(got)}`);
  return got.data;
}
