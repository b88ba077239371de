import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import WebSocket from 'ws';
import { openDatabase } from '../src/database/client.ts';
import { isOutage } from '../src/outage.ts';
import { type Person, startTestApp, type TestApp } from './support/app.ts';
import { testDatabase, testServer } from './support/database.ts';
import { aProxy, type FaultyProxy, throughProxy } from './support/proxy.ts';

let app: TestApp;
let proxy: FaultyProxy;
beforeAll(async () => {
  app = await startTestApp(
    { WEBSOCKETS_REST_AUTH: 'public' },
    {
      open: async (url) => {
        proxy = await aProxy({ port: Number(new URL(url).port) });
        return openDatabase({ url: throughProxy(url, proxy), poolSize: 2, timeoutMs: 1000 });
      },
    },
  );
});
afterAll(async () => {
  await app.stop();
  await proxy.close();
});
afterEach(() => proxy.resume());

const message = 'The service "database" is unavailable: try again in a moment.';
const asked = {
  GraphQL: () => post('/graphql/system', { query: '{ notifications { id } }' }),
  'a mutation': () =>
    post(
      '/graphql/system',
      {
        query:
          'mutation ($to: directus_users_key!) { create_notifications_item(data: { recipient: $to, subject: "x" }) { id } }',
        variables: { to: app.people.alice.id },
      },
      app.people.admin,
    ),
  'the Directus face': () => fetch(`${app.url}/notifications`, { headers: asAlice() }),
  'the Coder face': () => fetch(`${app.url}/api/v2/notifications/inbox`, { headers: asAlice() }),
} as const;

const as = ({ token }: Person) => ({ authorization: `Bearer ${token}` });
const asAlice = () => as(app.people.alice);
const post = (path: string, body: object, person = app.people.alice) =>
  fetch(app.url + path, {
    method: 'POST',
    headers: { ...as(person), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('while the database does not respond', () => {
  it.each(Object.entries(asked))('%s reports an outage of the database and works after it', async (_face, ask) => {
    expect((await ask()).status).toBe(200);
    proxy.stall();

    const refused = await ask();
    proxy.resume();

    const text = await refused.text();
    expect(text).toContain(JSON.stringify(message).slice(1, -1));
    expect(text).not.toContain('INTERNAL_SERVER_ERROR');
    expect((await ask()).status).toBe(200);
  });

  it.each([
    ['/notifications', { errors: [{ message, extensions: { code: 'SERVICE_UNAVAILABLE', service: 'database' } }] }],
    ['/api/v2/notifications/inbox', { message }],
  ])('during an outage of the database %s answers 503', async (path, body) => {
    proxy.stall();

    const refused = await fetch(app.url + path, { headers: asAlice() });

    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject(body);
  });

  it('during an outage a subscription of the Directus protocol is refused with the code', async () => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/websocket`);
    const frames: { readonly type: string; readonly error?: object }[] = [];
    const answered = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        const frame = JSON.parse(String(data));
        frames.push(frame);
        if (frame.type === 'auth') {
          proxy.stall();
          socket.send(JSON.stringify({ type: 'subscribe', collection: 'directus_notifications' }));
        }
        if (frame.type === 'subscribe') resolve();
      });
    });
    socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', access_token: app.people.alice.token })));

    await answered;
    socket.terminate();

    expect(frames.at(-1)).toMatchObject({ status: 'error', error: { code: 'SERVICE_UNAVAILABLE', message } });
  });
});

it('a statement that takes too long counts as an outage', async () => {
  const { db } = app;

  const failure: unknown = await db.query({ text: 'select pg_sleep(30)', values: [] }).catch((error: unknown) => error);

  expect(failure).toMatchObject({ code: '57014' });
  expect(isOutage(failure)).toBe(true);
});

it('a read-only database is an outage for Prisma, too', async () => {
  const { url: address, drop } = await testDatabase();
  const url = new URL(address);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  const readOnly = await openDatabase({ url: url.href, poolSize: 1 });

  const failure: unknown = await readOnly.prisma.user
    .updateMany({ data: { first_name: 'Somebody' } })
    .catch((error: unknown) => error);
  await readOnly.close();
  await drop();

  expect(failure).toBeInstanceOf(Error);
  expect(isOutage(failure)).toBe(true);
});

it.each([
  ['has changed its password', { password: 'wrong' }],
  ['was dropped', { pathname: '/none' }],
])('a database that %s is an outage', async (_what, change) => {
  const url = Object.assign(new URL(testServer().adminUrl), change);

  const failure: unknown = await openDatabase({ url: url.href, poolSize: 1 }).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(Error);
  expect(isOutage(failure)).toBe(true);
});

it('a host name with several unreachable addresses is an outage', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED', errno: -111 });

  expect(isOutage(new AggregateError([refused, refused]))).toBe(true);
  expect(isOutage(new AggregateError([new TypeError('ours')]))).toBe(false);
});
