import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { createNotifications } from '../../../src/notifications/write.ts';
import { type Person, type TestApp, useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';
import { connectionCut } from '../../support/cut-connections.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  jest.restoreAllMocks();
});

/** A response larger than the buffers of the kernel. */
const megabytes = 16;
const list = '/notifications?limit=-1&fields=message';
const unavailable = { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] };

const fill = ({ contextOf, people }: TestApp) =>
  createNotifications(
    contextOf(people.admin),
    Array.from({ length: megabytes }, () => ({
      recipient: people.alice.id,
      subject: 'Long',
      message: 'x'.repeat(1024 * 1024),
    })),
  );

/** Sends a request and reads only the beginning of the response. */
async function ask({ url }: TestApp, { token }: Person, path = list, more = ''): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${more}\r\n`);
  await once(socket, 'readable');
  socket.pause();
  return socket;
}

/** The remaining bytes, until the server ends or enough bytes were read. */
async function readAll(socket: Socket): Promise<number> {
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    if (bytes >= megabytes * 1024 * 1024) socket.destroy();
  });
  socket.resume();
  await once(socket, 'close');
  return bytes;
}

describe('a client that reads nothing', () => {
  const app = useTestApp({ STALLED_CONNECTION_MS: '300' });
  beforeAll(() => fill(app()));

  it('cuts the connection of a peer that reads nothing of an answer', async () => {
    const socket = await ask(app(), app().people.alice);
    await expect(connectionCut(socket)).resolves.toBeUndefined();
  });

  it('cuts the connection of a peer that reads nothing of an answer queued behind a stream', async () => {
    const subscription = encodeURIComponent('subscription { directus_notifications_mutated { key } }');
    const path = `/graphql/system?query=${subscription}`;
    const socket = await ask(app(), app().people.alice, path, 'Accept: text/event-stream\r\n');
    const cut = connectionCut(socket);
    const { token } = app().people.alice;
    socket.write(`GET ${list} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);

    await expect(cut).resolves.toBeUndefined();
  });

  it('serves a peer that reads slowly to the end', async () => {
    const socket = await ask(app(), app().people.alice);
    socket.on('data', () => {
      socket.pause();
      setTimeout(() => socket.resume(), 5);
    });

    await expect(readAll(socket)).resolves.toBeGreaterThanOrEqual(megabytes * 1024 * 1024);
  });
});

describe('unsent bytes', () => {
  const app = useTestApp({ MAX_UNSENT_SIZE: '40mb', STALLED_CONNECTION_MS: '60000' });
  beforeAll(() => fill(app()));

  it('refuses a user with too many unsent bytes, in the format of the face', async () => {
    const { alice } = app().people;
    const first = await ask(app(), alice);

    const second = await send(app(), list, { as: alice });
    const query = await graphql(app(), alice, '{ notifications(limit: -1) { message } }');
    const coder = await send(app(), '/api/v2/notifications/inbox', {
      headers: { 'coder-session-token': alice.token },
    });

    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
    expect(second.body).toMatchObject(unavailable);
    expect([query.status, query.headers.get('retry-after')]).toEqual([503, '1']);
    expect(query.body).toMatchObject(unavailable);
    expect([coder.status, coder.body]).toEqual([503, { message: expect.stringContaining('answers') }]);
    await readAll(first);
    await expect(send(app(), list, { as: alice })).resolves.toMatchObject({ status: 200 });
  });

  /** Repeats the request until it is answered with this status. */
  async function listIs(status: number): Promise<void> {
    while ((await send(app(), list, { as: app().people.alice })).status !== status);
  }

  it('releases unsent bytes when the peer disconnects before the answer is complete', async () => {
    const { token } = app().people.alice;
    for (let round = 0; round < 4; round += 1) {
      const socket = connect(Number(new URL(app().url).port), '127.0.0.1');
      const request = `GET ${list} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
      socket.write(request, () => socket.destroy());
      await once(socket, 'close');
    }

    // By then the earlier responses are complete.
    for (let round = 0; round < 4; round += 1) await send(app(), list, { as: app().people.alice });
    await listIs(200);
  });

  it('releases unsent bytes when the peer disconnects while the answer is queued', async () => {
    const { alice } = app().people;
    const subscription = encodeURIComponent('subscription { directus_notifications_mutated { key } }');
    const path = `/graphql/system?query=${subscription}`;
    const socket = await ask(app(), alice, path, 'Accept: text/event-stream\r\n');
    socket.write(`GET ${list} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${alice.token}\r\n\r\n`);
    await listIs(503);

    socket.destroy();

    await listIs(200);
  });

  it('serves other users, small answers and health checks while one user has too many unsent bytes', async () => {
    const { alice, admin } = app().people;
    const first = await ask(app(), alice);

    await expect(send(app(), '/notifications?fields=id', { as: alice })).resolves.toMatchObject({ status: 200 });
    await expect(send(app(), list, { as: admin })).resolves.toMatchObject({ status: 200 });
    await expect(send(app(), '/healthz')).resolves.toMatchObject({ status: 200 });
    await readAll(first);
  });

  it('sends the answer of a write even without room for it', async () => {
    const { alice } = app().people;
    const first = await ask(app(), alice);
    const rows = await send(app(), '/notifications?fields=id', { as: alice });
    const ids = rows.body.data.map(({ id }: { id: number }) => String(id));

    const document =
      'mutation ($ids: [ID]!) { update_notifications_items(ids: $ids, data: { status: "inbox" }) { message } }';
    const written = await graphql(app(), alice, document, { ids });

    expect(written.status).toBe(200);
    expect(written.body.data.update_notifications_items).toHaveLength(megabytes);
    await readAll(first);
  });

  it('closes a socket with too many unsent bytes so that the client reconnects', async () => {
    const { token } = app().people.alice;
    const socket = new WebSocket(`${app().url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { access_token: token } }));
    await once(socket, 'message');
    const close = WebSocket.prototype.close;
    const closed = new Promise((resolve) => {
      jest.spyOn(WebSocket.prototype, 'close').mockImplementation(function (this: WebSocket, code, reason) {
        resolve(code);
        return close.call(this, code, reason);
      });
    });

    socket.pause();
    const query = '{ notifications(limit: -1) { message } }';
    for (const id of ['1', '2', '3']) socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));

    await expect(closed).resolves.toBe(1013);
    socket.terminate();
  });
});
