import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { readAllowList } from '../../../src/faces/graphql/allow-list.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidings-allow-list-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const name = 'query Name {\n  users_me {\n    first_name\n  }\n}';
const changes = 'subscription { inbox_changes { kind } }';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const extensionsOf = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } });

describe('with an allow-list', () => {
  const app = useTestApp({ GRAPHQL_ALLOW_LIST: file('documents.json', { 'the-name': name, changes }) });
  const post = (body: object) => send(app(), '/graphql/system', { as: app().people.alice, body });
  const alice = { data: { users_me: { first_name: 'Alice' } } };

  it.each([
    [{ query: name }],
    [{ query: 'query Name { users_me { first_name } } # in one line' }],
    [{ query: name, extensions: extensionsOf(sha256(name)) }],
    [{ extensions: extensionsOf(sha256(name)) }],
    [{ extensions: extensionsOf('the-name') }],
    [{ query: name, extensions: extensionsOf('the-name') }],
  ])('a document on the allow-list runs: %j', async (body) => {
    expect(await post(body)).toMatchObject({ status: 200, body: alice });
  });

  it.each([
    [{ query: '{ users_me { first_name } }' }],
    [{ query: 'query Name { users_me { first_name email } }' }],
    [{ query: `${name} query Other { users_me { id } }`, operationName: 'Name' }],
    [{ query: '{ __schema { queryType { name } } }' }],
    [{ query: '{ users_me {' }],
    [{ query: '{ users_me { id } }', extensions: extensionsOf(sha256('{ users_me { id } }')) }],
  ])('a document that is not on the allow-list is refused: %j', async (body) => {
    expect(await post(body)).toMatchObject({
      status: 403,
      body: { errors: [{ extensions: { code: 'OPERATION_NOT_ALLOWED' } }] },
    });
  });

  it('an unknown hash is not found, so that clients send the text, which is compared with the allow-list', async () => {
    const query = 'query Name { users_me { first_name } }';
    const extensions = extensionsOf(sha256(query));

    const first = await post({ extensions });
    const second = await post({ query, extensions });
    const third = await post({ extensions });

    expect(first.body.errors).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }]);
    expect([second.body, third.body]).toEqual([alice, alice]);
  });

  it('the allow-list applies to sockets and GET, and not to REST', async () => {
    const { alice: as } = app().people;
    const client = createClient({
      url: `${app().url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token: as.token },
    });
    const refused = client.iterate({ query: '{ users_me { id } }' }).next();
    await expect(refused).rejects.toMatchObject([{ extensions: { code: 'OPERATION_NOT_ALLOWED' } }]);
    expect((await client.iterate({ query: name }).next()).value).toEqual(alice);
    await client.dispose();

    const overGet = await send(app(), `/graphql/system?query=${encodeURIComponent('{ users_me { id } }')}`, { as });
    const rest = await send(app(), '/users/me?fields=first_name', { as });
    const coder = await send(app(), '/api/v2/notifications/inbox', {
      headers: { 'coder-session-token': as.token },
    });

    expect(overGet.status).toBe(403);
    expect(rest.body.data).toEqual({ first_name: 'Alice' });
    expect(coder.status).toBe(200);
  });
});

describe('the file of an allow-list', () => {
  it.each([
    ['that does not exist', join(folder, 'nowhere.json'), 'cannot be read'],
    ['that is not JSON', file('text.json', '{ users_me'), 'must hold a JSON object'],
    ['that is a list', file('list.json', [name]), 'must hold a JSON object'],
    ['with a value that is not a document', file('number.json', { a: 7 }), 'must hold a JSON object'],
    ['with a syntax error', file('fault.json', { broken: '{ users_me {' }), 'invalid document "broken"'],
  ])('an allow-list %s is refused at start', async (_what, path, message) => {
    await expect(readAllowList(path, { tokenLimit: 5000 })).rejects.toThrow(message);
  });
});
