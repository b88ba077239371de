import type { Person, TestApp } from './app.ts';

/** A response whose body is parsed if it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // Each test expects its own shape of a response.
  // biome-ignore lint/suspicious/noExplicitAny: read freely, compared strictly
  readonly body: any;
}

/** One HTTP request as a person, or without a token. */
export async function send(
  { url }: TestApp,
  path: string,
  options: {
    readonly as?: Person;
    readonly method?: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Reply> {
  const { as, method = options.body === undefined ? 'GET' : 'POST', body, headers } = options;
  const reply = await fetch(url + path, {
    method,
    headers: {
      ...(as && { authorization: `Bearer ${as.token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  const isJson = /json\b/.test(reply.headers.get('content-type') ?? '') && text !== '';
  return { status: reply.status, headers: reply.headers, body: isJson ? JSON.parse(text) : text };
}

/** One GraphQL operation over POST. */
export function graphql(
  app: TestApp,
  as: Person | undefined,
  query: string,
  variables?: Readonly<Record<string, unknown>>,
): Promise<Reply> {
  return send(app, '/graphql/system', { ...(as && { as }), body: { query, variables } });
}
