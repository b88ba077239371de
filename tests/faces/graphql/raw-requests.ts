/** A request whose parts may all be invalid. */
export interface RawRequest {
  readonly as?: 'admin' | 'alice' | 'bob' | undefined;
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const json = { 'content-type': 'application/json' };
const me = '{ users_me { id first_name } }';
const named = 'query A { users_me { id } } query B($limit: Int) { notifications(limit: $limit) { subject } }';

function body(content: unknown, headers: Readonly<Record<string, string>> = {}): RawRequest {
  return { as: 'alice', headers: { ...json, ...headers }, body: JSON.stringify(content) };
}

const contentTypes = [
  'application/json;charset=utf-8',
  'application/json; charset=latin1',
  'application/json; charset=utf-16',
  'application/json,text/plain',
  'Application/JSON',
  'application/jsonp',
  'application/graphql',
  'application/graphql+json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  'nonsense',
];

const accepts = [
  '*/*',
  'application/json',
  'application/*',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json;q=0.9',
  'application/json, application/graphql-response+json',
  'application/json; charset=utf-8',
  'application/json; charset=latin1',
  'text/html, */*;q=0.1',
  'text/html',
  'text/event-stream, application/json',
  'multipart/mixed;subscriptionSpec=1.0, application/json',
  'multipart/mixed, application/json',
  'application/json;q=0',
  '',
  `application/json, ${'x/y, '.repeat(200)}*/*`,
];

const queries = [
  me,
  '{ __typename }',
  named,
  'mutation { update_users_me(data: { last_name: "Same" }) { last_name } }',
  'mutation { delete_notifications_item(id: "0") { id } }',
  'query($limit: Int!) { notifications(limit: $limit) { id } }',
  '{ a: users { id email } b: notifications(limit: -1) { id recipient { id email } } }',
  '{ users_me { unknown } }',
  '{ users_me { id }',
  'subscription { inbox_changes { kind } }',
  'fragment F on Query { __typename }',
  '',
  7,
  null,
  undefined,
  ['{ __typename }'],
];

const variables = [undefined, null, {}, { limit: 1 }, { limit: 'x' }, { other: 1 }, [], [1], 'text', 0, false];
const names = [undefined, null, '', 'A', 'B', 'C', 4, {}];
const extensions = [
  undefined,
  null,
  {},
  'text',
  [],
  { persistedQuery: { version: 1, sha256Hash: 'unknown' } },
  { persistedQuery: { version: 2 } },
  { persistedQuery: null, idempotencyKey: '' },
  { idempotencyKey: 5 },
];

/** Requests with one peculiarity each, by what that is. */
export const hostileRequests: readonly (readonly [string, RawRequest])[] = [
  ['a query', body({ query: me })],
  ['an anonymous query', { headers: json, body: JSON.stringify({ query: me }) }],
  ['an unknown token', body({ query: me }, { authorization: 'Bearer unknown' })],
  ['unknown parameters', body({ query: me, id: 1, constructor: 2 })],
  ['only unknown parameters', body({ id: 1 })],
  [
    'a parameter that is a property of every object',
    { ...body({}), body: '{"query":"{__typename}","__proto__":{"a":1}}' },
  ],
  [
    'an operation that costs too much',
    body({ query: '{ users(limit: -1) { id email } audit_log(limit: 9000) { id } }' }),
  ],
  ['a batch', body([{ query: me }, { query: me }])],
  ['no parameters', body({})],
  ['null', body(null)],
  ['no body', { as: 'alice', headers: json }],
  ['invalid JSON', { ...body({}), body: '{"query":' }],
  ['JSON after a byte order mark', { ...body({}), body: `\uFEFF${JSON.stringify({ query: me })}` }],
  ['a body over the limit', body({ query: `# ${'x'.repeat(30_000)}\n${me}` })],
  ['a compressed body', body({ query: me }, { 'content-encoding': 'gzip' })],
  ['an origin', body({ query: me }, { origin: 'https://elsewhere.example.com' })],
  ['a single connection of graphql-sse', body({ query: me }, { 'x-graphql-event-stream-token': 'x' })],
  ['a malformed idempotency key', body({ query: queries[3] }, { 'idempotency-key': '"' })],
  ['a subscription that accepts no stream', body({ query: queries[9] }, { accept: 'application/json' })],
  ['an invalid host', body({ query: me }, { host: '[' })],
  ...['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => [method, { method, headers: {} }] as const),
  ...contentTypes.map((type) => [`the content type ${type}`, body({ query: me }, { 'content-type': type })] as const),
  ...accepts.flatMap((accept) =>
    [queries[0], queries[3], queries[4]].map(
      (query) => [`"Accept: ${accept.slice(0, 60)}" for ${query}`, body({ query }, { accept })] as const,
    ),
  ),
];

/** Numbers from 0 to 1 that are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A random combination of everything above. Half of the requests have a valid content type and a common `Accept`. */
export function choose(random: () => number): RawRequest {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const isCommon = random() < 0.5;
  const type = isCommon ? json['content-type'] : pick(contentTypes);
  const accept = isCommon ? pick(accepts.slice(0, 6)) : pick([undefined, ...accepts]);
  const query = pick(queries);
  const isStream = typeof query === 'string' && query.startsWith('subscription');
  const content = {
    query,
    variables: random() < 0.6 ? undefined : pick(variables),
    operationName: random() < 0.6 ? undefined : pick(names),
    extensions: random() < 0.6 ? undefined : pick(extensions),
  };
  const text = JSON.stringify(content);
  return {
    as: pick([undefined, 'alice', 'alice', 'admin'] as const),
    // A subscription that is accepted would not end.
    headers: {
      'content-type': type,
      ...(isStream ? { accept: 'application/json' } : accept !== undefined && { accept }),
    },
    body: random() < 0.03 ? text.slice(0, Math.floor(random() * text.length)) : text,
  };
}
