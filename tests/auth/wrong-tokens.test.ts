import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { RefusedToken } from '../../src/auth/refused-token.ts';
import { guardTokens } from '../../src/auth/token-guard.ts';
import { failureOf } from '../notifications/people.ts';
import { startTestApp, type TestApp, useTestApp } from '../support/app.ts';
import { send } from '../support/client.ts';
import { closeClients, connectRealtime } from '../support/realtime-client.ts';

afterEach(closeClients);

const wrong = 'an-unknown-token';
const bearer = { authorization: `Bearer ${wrong}` };
const settings = '/api/v2/notifications/settings';
const watch = '/api/v2/notifications/inbox/watch';

/** The status of an upgrade; 101 if it succeeded. */
const upgrade = (app: TestApp, path: string, headers: Record<string, string> = {}) =>
  connectRealtime(app.url + path, { headers }).then(
    () => 101,
    ({ status }) => status as number,
  );

/** The close code of a GraphQL socket after connection_init with this token. */
const closeCodeOf = (app: TestApp, token: string) =>
  new Promise<number>((resolve, reject) => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { access_token: token } })));
    socket.on('message', () => socket.close(1000));
    socket.on('close', resolve);
    socket.on('error', reject);
  });

const streamed = (app: TestApp, token: string) =>
  send(app, '/graphql/system', {
    body: { query: 'subscription { inbox_changes { kind } }' },
    headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
  });

describe('wrong tokens', () => {
  it('wrong tokens are counted over all faces, and then refused in the format of each face', async () => {
    const app = await startTestApp({ WRONG_TOKEN_LIMIT: '7' });
    const client = await connectRealtime(`${app.url}/websocket`);

    const first = [
      (await send(app, '/notifications', { headers: bearer })).status,
      (await send(app, '/graphql/system', { headers: bearer, body: { query: '{ users_me { id } }' } })).status,
      (await streamed(app, wrong)).status,
      (await send(app, settings, { headers: { 'coder-session-token': wrong } })).status,
      await upgrade(app, watch, { 'coder-session-token': wrong }),
      await closeCodeOf(app, wrong),
    ];
    const failed = await client.ask({ type: 'auth', access_token: wrong });
    const directus = await send(app, '/notifications', { headers: bearer });
    const graphql = await send(app, '/graphql/system', { headers: bearer, body: { query: '{ users_me { id } }' } });
    const coder = await send(app, settings, { headers: { 'coder-session-token': wrong } });

    expect(first).toEqual([401, 401, 401, 401, 401, 4403]);
    expect(failed).toMatchObject({ type: 'auth', error: { code: 'AUTH_FAILED' } });
    for (const { status, headers, body } of [directus, graphql]) {
      expect(status).toBe(429);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      const extensions = { code: 'REQUESTS_EXCEEDED', limit: 7, reset: expect.any(String), reason: expect.any(String) };
      expect(body).toEqual({ errors: [{ message: expect.any(String), extensions }] });
    }
    expect(coder.status).toBe(429);
    expect(coder.body).toEqual({ message: "You've been rate limited for sending more than 7 requests in 1m0s." });
    expect(await streamed(app, wrong)).toMatchObject({ status: 429 });
    expect(await upgrade(app, watch, { 'coder-session-token': wrong })).toBe(429);
    expect(await upgrade(app, `/websocket?access_token=${wrong}`)).toBe(429);
    expect(await upgrade(app, `/graphql?access_token=${wrong}`)).toBe(429);
    expect(await closeCodeOf(app, wrong)).toBe(4429);
    await app.stop();
  });

  it('wrong tokens never affect a valid token from the same address', async () => {
    const app = await startTestApp({ WRONG_TOKEN_LIMIT: '1' });
    const { alice } = app.people;
    for (const _ of [1, 2, 3]) await send(app, '/notifications', { headers: bearer });

    const client = await connectRealtime(`${app.url}/websocket`);

    expect(await send(app, '/notifications', { as: alice })).toMatchObject({ status: 200 });
    expect(await send(app, settings, { as: alice })).toMatchObject({ status: 200 });
    expect(await upgrade(app, watch, { 'coder-session-token': alice.token })).toBe(101);
    expect(await closeCodeOf(app, alice.token)).toBe(1000);
    expect(await client.ask({ type: 'auth', access_token: alice.token })).toMatchObject({ status: 'ok' });
    await app.stop();
  });

  it('wrong tokens are not limited with a limit of 0', async () => {
    const app = await startTestApp({ WRONG_TOKEN_LIMIT: '0' });
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => send(app, '/notifications', { headers: bearer })),
    );

    expect(replies.map(({ status }) => status)).toEqual(Array(5).fill(401));
    await app.stop();
  });
});

describe('behind a trusted proxy', () => {
  const app = useTestApp({ WRONG_TOKEN_LIMIT: '1', CODER_RATE_LIMIT: '2', TRUST_PROXY: 'loopback' });
  const via = (client: string) => ({ 'x-forwarded-for': client });

  it('behind a trusted proxy, wrong tokens are counted by client, on sockets too', async () => {
    const ask = (client: string) => send(app(), '/notifications', { headers: { ...bearer, ...via(client) } });

    const statuses = [(await ask('1.1.1.1')).status, (await ask('1.1.1.1')).status, (await ask('2.2.2.2')).status];
    const sockets = await Promise.all(
      ['1.1.1.1', '3.3.3.3'].map((client) => upgrade(app(), `/websocket?access_token=${wrong}`, via(client))),
    );

    expect(statuses).toEqual([401, 429, 401]);
    expect(sockets).toEqual([429, 401]);
  });

  it('behind a trusted proxy, the Coder face counts callers without a session by client over all endpoints', async () => {
    const ask = async (path: string, client: string) => (await send(app(), path, { headers: via(client) })).status;
    const inbox = '/api/v2/notifications/inbox';

    const statuses = [await ask(settings, '4.4.4.4'), await ask(inbox, '4.4.4.4'), await ask(settings, '4.4.4.4')];
    const sockets = await Promise.all(['4.4.4.4', '5.5.5.5'].map((client) => upgrade(app(), watch, via(client))));

    expect(statuses).toEqual([401, 401, 429]);
    expect(sockets).toEqual([429, 401]);
  });
});

describe('without a trusted proxy', () => {
  const app = useTestApp({ WRONG_TOKEN_LIMIT: '1' });

  it('without a trusted proxy, forwarded addresses are ignored', async () => {
    const ask = (client: string) =>
      send(app(), '/notifications', { headers: { ...bearer, 'x-forwarded-for': client } });

    expect([(await ask('1.1.1.1')).status, (await ask('2.2.2.2')).status]).toEqual([401, 429]);
  });
});

describe('guardTokens', () => {
  const refusing = (kind: 'unknown' | 'expired') => async () => {
    throw new RefusedToken(kind === 'expired' ? { kind, at: new Date(0) } : { kind });
  };

  it('the count of wrong tokens restarts after a minute, and an exceeded limit is logged once', async () => {
    let time = 0;
    const told: object[] = [];
    const log = { warn: (fields: object) => void told.push(fields) };
    const authenticate = guardTokens(refusing('unknown'), { perMinute: 1, log, now: () => time });
    const codes: unknown[] = [];
    const ask = async () =>
      codes.push(((await failureOf(authenticate(wrong, '::ffff:1.1.1.1'))) as { code: string }).code);

    await ask();
    await ask();
    await ask();
    time = 60_000;
    await ask();

    expect(codes).toEqual(['INVALID_CREDENTIALS', 'REQUESTS_EXCEEDED', 'REQUESTS_EXCEEDED', 'INVALID_CREDENTIALS']);
    expect(told).toEqual([{ client: '1.1.1.1' }]);
  });

  it('formerly valid tokens are not counted as wrong', async () => {
    const log = { warn: () => undefined };
    const authenticate = guardTokens(refusing('expired'), { perMinute: 0.5, log });

    expect(await failureOf(authenticate(wrong, '1.1.1.1'))).toEqual({ code: 'INVALID_CREDENTIALS' });
  });
});
