import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { createNotifications } from '../../../../src/notifications/write.ts';
import { type Person, type TestApp, useTestApp } from '../../../support/app.ts';
import { closeClients, connectRealtime } from '../../../support/realtime-client.ts';

afterEach(() => {
  closeClients();
  jest.restoreAllMocks();
});

const collection = 'directus_notifications';
const connect = ({ url }: TestApp, { token }: Person) => connectRealtime(`${url}/websocket?access_token=${token}`);
const create = (app: TestApp, count: number, message = '') =>
  createNotifications(
    app.contextOf(app.people.admin),
    Array.from({ length: count }, () => ({ recipient: app.people.alice.id, subject: 'One of many', message })),
  );

describe('the heartbeat', () => {
  const app = useTestApp({ WEBSOCKETS_HEARTBEAT_PERIOD: '0.2' });

  it('the heartbeat closes a client that sends nothing', async () => {
    const client = await connect(app(), app().people.alice);

    await expect(client.next()).resolves.toEqual({ type: 'ping' });
    await expect(client.closed).resolves.toMatchObject({ code: 1005 });
  });

  it('the heartbeat keeps a client that answers', async () => {
    const client = await connect(app(), app().people.alice);

    const asked = [await client.next()];
    while (asked.length < 4) asked.push(await client.ask({ type: 'pong' }));

    expect(asked).toEqual(Array.from({ length: 4 }, () => ({ type: 'ping' })));
  });
});

describe('the limit of subscriptions', () => {
  const app = useTestApp({ MAX_SUBSCRIPTIONS_PER_CONNECTION: '2' });
  const subscribe = (uid: string) => ({ type: 'subscribe', collection, event: 'create', uid });
  const begun = (uid: string) => ({ type: 'subscription', event: 'init', uid });

  it('subscriptions above the limit are refused until another ends', async () => {
    const client = await connect(app(), app().people.alice);
    await client.ask(subscribe('a'));
    await client.ask(subscribe('b'));

    await expect(client.ask(subscribe('c'))).resolves.toMatchObject({ status: 'error', error: { code: 'FORBIDDEN' } });
    await client.ask({ type: 'unsubscribe', uid: 'a' });
    await expect(client.ask(subscribe('c'))).resolves.toEqual(begun('c'));
  });

  it('a uid may be reused at the limit of subscriptions', async () => {
    const client = await connect(app(), app().people.alice);
    await client.ask(subscribe('a'));
    await client.ask(subscribe('b'));

    await expect(client.ask(subscribe('b'))).resolves.toEqual(begun('b'));
  });
});

describe('the limit of connections of one user', () => {
  const app = useTestApp({ MAX_CONNECTIONS_PER_USER: '1' });
  const signIn = ({ token }: Person) => ({ type: 'auth', access_token: token });
  const failed = { status: 'error', error: { code: 'AUTH_FAILED' } };

  it('connections above the limit of a user are refused before the upgrade and in the handshake', async () => {
    const { alice } = app().people;
    await connect(app(), alice);

    await expect(connect(app(), alice)).rejects.toMatchObject({ status: 429 });
    const other = await connectRealtime(`${app().url}/websocket`);
    await expect(other.ask(signIn(alice))).resolves.toMatchObject(failed);
  });

  it('a connection may sign in again, which releases the previous user’s connection', async () => {
    const { admin, bob } = app().people;
    const client = await connect(app(), bob);

    await expect(client.ask(signIn(bob))).resolves.toMatchObject({ status: 'ok' });
    await expect(client.ask(signIn(admin))).resolves.toMatchObject({ status: 'ok' });
    await expect(connect(app(), bob)).resolves.toBeDefined();
  });
});

describe('a subscriber', () => {
  const app = useTestApp({ STALLED_CONNECTION_MS: '300' });

  it('few statements read the rows of a large create for a subscriber', async () => {
    const client = await connect(app(), app().people.alice);
    await client.ask({ type: 'subscribe', collection, event: 'create', query: { fields: ['id'] } });
    const query = jest.spyOn(app().db.base.statements, 'query');

    await create(app(), 1000);
    for (let read = 0; read < 1000; read += 1) await client.next();

    expect(query.mock.calls.length).toBeLessThanOrEqual(12);
  });

  it('a subscriber is closed with 1013 when events were missed', async () => {
    const { statements } = app().db.base;
    const client = await connect(app(), app().people.alice);
    await client.ask({ type: 'subscribe', collection, event: 'create' });
    const { query } = statements;
    jest.spyOn(statements, 'query').mockImplementation((sql) => {
      if (sql.name === 'changes_in') throw new Error('the database is unreachable');
      return query(sql) as never;
    });

    await create(app(), 1);

    await expect(client.closed).resolves.toMatchObject({ code: 1013 });
  });

  it('a stalled subscriber is closed with 1013', async () => {
    await create(app(), 16, 'x'.repeat(1024 * 1024));
    const client = await connect(app(), app().people.alice);
    const close = WebSocket.prototype.close;
    const given = new Promise((resolve) => {
      jest.spyOn(WebSocket.prototype, 'close').mockImplementation(function (this: WebSocket, code, reason) {
        resolve(code);
        return close.call(this, code, reason);
      });
    });

    client.socket.pause();
    client.send({ type: 'subscribe', collection, query: { sort: '-id', limit: 16 } });
    const code = await given;
    client.socket.resume();

    expect(code).toBe(1013);
    await expect(client.closed).resolves.toMatchObject({ code: 1013 });
  });
});
