import { request as httpRequest } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';

describe('a hostile request to GraphQL', () => {
  const app = useTestApp();

  it.each(['5', 'true', '"text"', '[]', '0'])('a GraphQL request with the body %s is refused', async (body) => {
    const reply = await send(app(), '/graphql/system', { as: app().people.alice, body });

    expect(reply).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_PAYLOAD' } }] } });
    expect(JSON.stringify(reply.body)).not.toContain('SyntaxError');
  });

  it.each(['variables', 'extensions'])(
    'a GraphQL request with %s that are not JSON is refused, in the URL and in a form',
    async (name) => {
      const asked = await send(app(), `/graphql/system?query={__typename}&${name}={`);
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const sent = await send(app(), '/graphql/system', { body: `query={__typename}&${name}={`, headers });

      const refusal = { status: 400, body: { errors: [{ extensions: { code: 'INVALID_PAYLOAD' } }] } };
      expect([asked, sent]).toMatchObject([refusal, refusal]);
    },
  );

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'the method %s at the GraphQL path is answered 405 with the allowed methods',
    async (method) => {
      const { status, headers, body } = await send(app(), '/graphql/system', { method });

      expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow: 'GET, POST' });
      expect(body).toMatchObject({
        errors: [{ extensions: { allowed: ['GET', 'POST'], current: method, code: 'METHOD_NOT_ALLOWED' } }],
      });
    },
  );

  it('HEAD at the GraphQL path is answered 405', async () => {
    const { status } = await send(app(), '/graphql/system?query={__typename}', { method: 'HEAD' });

    expect(status).toBe(405);
  });

  it('a GraphQL request with an invalid Host header is refused', async () => {
    const { port } = new URL(app().url);

    const status = await new Promise((resolve, reject) => {
      const path = '/graphql/system?query=%7B__typename%7D';
      const request = httpRequest({ host: '127.0.0.1', port, path, headers: { host: '[' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject).end();
    });

    expect(status).toBe(400);
  });
});

/** Documents and variables that try to use much CPU time or to overflow the stack. */
describe('a hostile operation', () => {
  const app = useTestApp();
  const codes = (body: { errors?: { extensions: { code: string } }[] }) =>
    body.errors?.map(({ extensions }) => extensions.code);

  /** Each fragment spreads the next one twice, so expanding every spread gives 2^depth fields. */
  const doubling = (root: string, type: string, field: string, depth: number) => {
    const fragment = (index: number) => `fragment F${index} on ${type} { ...F${index + 1} ...F${index + 1} }`;
    const fragments = Array.from({ length: depth }, (_, index) => fragment(index)).join(' ');
    return `{ ${root} { ...F0 } } ${fragments} fragment F${depth} on ${type} { ${field} }`;
  };

  it.each([
    ['a list', doubling('notifications', 'directus_notifications', 'id', 40)],
    ['an aggregation', doubling('notifications_aggregated', 'directus_notifications_aggregated', 'countAll', 40)],
  ])('each fragment of %s is expanded once, also when the document is compiled', async (_case, document) => {
    for (let run = 0; run < 4; run++) {
      const { body } = await graphql(app(), app().people.alice, document);

      expect(body.errors).toBeUndefined();
    }
  });

  const nested = (depth: number) => `${'{_and:['.repeat(depth)}{}${']}'.repeat(depth)}`;

  it.each([
    ['in the document', `{ notifications(filter: ${nested(1000)}) { id } }`, '{}'],
    [
      'in a variable',
      'query ($f: directus_notifications_filter) { notifications(filter: $f) { id } }',
      `{"f":${nested(20_000).replaceAll('_and', '"_and"')}}`,
    ],
    [
      'in a variable of any shape',
      'query ($a: JSON) { notifications_aggregated { row(aggregate: $a) } }',
      `{"a":{"count":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
    ],
  ])('a value with thousands of levels %s is refused with a code', async (_case, document, variables) => {
    for (let run = 0; run < 4; run++) {
      // The variables are text, because JSON.stringify of so deep a value would overflow the stack of the test.
      const request = `{"query":${JSON.stringify(document)},"variables":${variables}}`;
      const { body } = await send(app(), '/graphql/system', { as: app().people.alice, body: request });

      expect(codes(body)).toEqual([expect.stringMatching(/^(GRAPHQL_VALIDATION|INVALID_QUERY)$/)]);
    }
  });

  it('brackets in strings and comments do not count as nesting', async () => {
    const { body } = await graphql(
      app(),
      app().people.alice,
      `# ${'{'.repeat(600)}
       { a: notifications(search: "\\"${'['.repeat(600)}") { id } b: notifications(search: """${'('.repeat(600)}""") { id } }`,
    );

    expect(body).toEqual({ data: { a: [], b: [] } });
  });

  it('an object among the names of an aggregate is refused', async () => {
    const document = 'query ($a: JSON) { notifications_aggregated { row(aggregate: $a) } }';

    const { body } = await graphql(app(), app().people.alice, document, { a: { count: { toString: 1 } } });

    expect(codes(body)).toEqual(['INVALID_QUERY']);
  });

  it('an operation with 20,000 faulty variables gets a short response', async () => {
    const { admin } = app().people;
    const data = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1]));
    const document =
      'mutation ($d: create_directus_notifications_input!) { create_notifications_item(data: $d) { id } }';

    const { body } = await graphql(app(), admin, document, { d: data });

    expect(new Set(codes(body))).toEqual(new Set(['GRAPHQL_VALIDATION']));
    expect(JSON.stringify(body).length).toBeLessThan(20_000);
  });
});

describe('a hostile aggregation', () => {
  const app = useTestApp();
  const document = `query ($a: JSON) { notifications_aggregated { ${Array.from(
    { length: 300 },
    (_, index) => `r${index}: row(aggregate: $a)`,
  ).join(' ')} } }`;
  const names = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`);

  it.each([
    ['different names', { count: names(50_000) }],
    ['different operations', Object.fromEntries(names(50_000).map((name) => [name, '*']))],
    ['the same name many times', { count: names(200_000).fill('id') }],
    ['more than a hundred aggregates', { count: names(101) }],
  ])('the argument of an aggregation is parsed once for many aliases: %s', async (_case, argument) => {
    const before = process.cpuUsage();
    const { body } = await graphql(app(), app().people.alice, document, { a: argument });
    const { user, system } = process.cpuUsage(before);

    expect(body.errors?.map((error: { extensions: { code: string } }) => error.extensions.code) ?? []).toEqual(
      'count' in argument && new Set(argument.count).size === 1 ? [] : ['INVALID_QUERY'],
    );
    // Milliseconds; parsing it once for each alias took seconds.
    expect((user + system) / 1000).toBeLessThan(1500);
  });
});
