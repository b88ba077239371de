import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createClient, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createPersistedQueries } from '../../../src/faces/graphql/persisted-queries.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const app = useTestApp();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const extensionsOf = (hash: unknown, version: unknown = 1) => ({ persistedQuery: { version, sha256Hash: hash } });

let documents = 0;
/** A document that no other test has sent. */
const aDocument = () => `{ users_me { alias${++documents}: first_name } }`;

const post = (body: object, headers?: Record<string, string>) =>
  send(app(), '/graphql/system', { as: app().people.alice, body, ...(headers && { headers }) });

function overGet(parameters: Readonly<Record<string, unknown>>) {
  const texts = Object.entries(parameters).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return send(app(), `/graphql/system?${new URLSearchParams(texts)}`, { as: app().people.alice });
}

async function overSocket(payload: SubscribePayload) {
  const client = createClient({
    url: `${app().url.replace('http', 'ws')}/graphql/system`,
    webSocketImpl: WebSocket,
    connectionParams: { authToken: app().people.alice.token },
  });
  try {
    for await (const result of client.iterate(payload)) return result;
    return undefined;
  } catch (errors) {
    return { errors };
  } finally {
    await client.dispose();
  }
}

const notFound = [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }];

describe('a persisted query', () => {
  it('a persisted query is registered with its text and then runs by its hash alone on every transport', async () => {
    const query = aDocument();
    const extensions = extensionsOf(sha256(query));

    const unknown = [await post({ extensions }), await overGet({ extensions })];
    const socket = await overSocket({ query: '', extensions });
    const registered = await post({ query, extensions });
    const known = [await post({ extensions }), await overGet({ extensions })];
    const knownOnSocket = await overSocket({ query: '', extensions });

    const data = { users_me: { [`alias${documents}`]: 'Alice' } };
    for (const { status, body } of unknown) {
      expect(status).toBe(200);
      expect(body.errors).toMatchObject(notFound);
      expect(JSON.stringify(body)).not.toContain('http');
    }
    expect(socket).toMatchObject({ errors: notFound });
    expect([registered, ...known].map(({ body }) => body.data)).toEqual([data, data, data]);
    expect(knownOnSocket).toEqual({ data });
  });

  it('a persisted query registered by a socket is found over HTTP', async () => {
    const query = aDocument();
    const extensions = extensionsOf(sha256(query));

    await overSocket({ query, extensions });

    expect((await post({ extensions })).body.data.users_me).toBeDefined();
  });

  it('an unknown persisted query is 404 for clients that accept application/graphql-response+json', async () => {
    const accept = 'application/graphql-response+json';

    const reply = await post({ extensions: extensionsOf(sha256(aDocument())) }, { accept });

    expect(reply).toMatchObject({ status: 404, body: { errors: notFound } });
  });

  it('a document whose hash does not match is refused and not registered', async () => {
    const query = aDocument();
    const extensions = extensionsOf(sha256('{ __typename }'));

    const refused = await post({ query, extensions });

    expect(refused).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'PERSISTED_QUERY_MISMATCH' } }] },
    });
    expect((await post({ extensions: extensionsOf(sha256(query)) })).body.errors).toMatchObject(notFound);
  });

  it.each([['{ users_me { nothing } }'], ['{ users_me {'], ['']])(
    'an invalid document is not registered: %j',
    async (query) => {
      const extensions = extensionsOf(sha256(query));
      await post({ query, extensions });

      expect((await post({ extensions })).body.errors).toMatchObject(notFound);
    },
  );

  it.each([
    [extensionsOf('a', 2), 'version'],
    [extensionsOf('a', '1'), 'version'],
    [extensionsOf(7), 'sha256Hash'],
    [{ persistedQuery: 'a' }, 'version'],
  ])('a malformed persistedQuery extension is refused: %j', async (extensions, field) => {
    const reply = await post({ query: '{ users_me { id } }', extensions });

    expect(reply).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringContaining(field), extensions: { code: 'INVALID_PAYLOAD' } }] },
    });
  });

  it('other extensions of a request are ignored', async () => {
    for (const extensions of [{}, { persistedQuery: null }, { clientLibrary: { name: 'x' } }]) {
      expect((await post({ query: '{ users_me { id } }', extensions })).status).toBe(200);
    }
  });

  it('a persisted mutation is not run over GET', async () => {
    const query = `mutation { update_users_me(data: { location: "${aDocument().length}" }) { id } }`;
    const extensions = extensionsOf(sha256(query));
    await post({ query, extensions });

    expect((await overGet({ extensions })).status).toBe(405);
  });

  it('a persisted query is priced like any other', async () => {
    const query = `{ ${Array.from({ length: 60 }, (_, index) => `a${index}: notifications(limit: 10000) { id }`)} }`;
    const extensions = extensionsOf(sha256(query));
    await post({ query, extensions });

    expect((await post({ extensions })).body.errors).toMatchObject([{ extensions: { budget: 500_000 } }]);
  });
});

describe('the memory for persisted queries', () => {
  it('evicts the least recently used persisted queries above a limit in bytes', () => {
    const operations = { parse: () => ({}) as never, validate: () => [] };
    const persisted = createPersistedQueries({ operations });
    const texts = Array.from({ length: 20 }, (_, index) => `# ${index} ${'x'.repeat((1024 * 1024) / 2)}`);
    const isKnown = (text: string) => {
      try {
        return persisted.textOf({ extensions: extensionsOf(sha256(text)) }) === text;
      } catch {
        return false;
      }
    };

    for (const query of texts) persisted.textOf({ query, extensions: extensionsOf(sha256(query)) });

    expect(texts.filter(isKnown)).toEqual(texts.slice(-7));
  });
});

describe('a subscription started by its hash', () => {
  const small = useTestApp({ MAX_PAYLOAD_SIZE: '20kb' });

  it('counts with the full length of its document towards the limit of its socket', async () => {
    const query = `subscription { inbox_changes { kind } } # ${'x'.repeat(9_000)}`;
    const extensions = extensionsOf(sha256(query));
    const { alice: as } = small().people;
    const client = createClient({
      url: `${small().url.replace('http', 'ws')}/graphql/system`,
      webSocketImpl: WebSocket,
      connectionParams: { token: as.token },
    });
    await send(small(), '/graphql/system', {
      as,
      body: { query, extensions, operationName: 'none' },
      headers: { accept: 'text/event-stream' },
    });

    const open = () => client.iterate({ query: '', extensions }).next();
    const [first, second, third] = [open(), open(), open()];

    await expect(third).rejects.toMatchObject([{ message: expect.stringContaining('characters in total') }]);
    await client.dispose();
    await Promise.all([first, second]);
  });
});
