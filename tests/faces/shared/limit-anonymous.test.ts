import { afterEach, describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';
import { closeClients, connectRealtime } from '../../support/realtime-client.ts';

/** Half a minute passes until a point is there again. */
const app = useTestApp({ ANONYMOUS_RATE_LIMIT: '2', TRUST_PROXY: 'loopback', WEBSOCKETS_REST_AUTH: 'public' });
afterEach(closeClients);

let made = 0;

/** The headers of a request from an address, by default from a new one. */
function from(address = `192.0.2.${++made}`) {
  return { headers: { 'x-forwarded-for': address } };
}

describe('the limit of an address without a signed-in user', () => {
  it('requests of one address count together over all faces, those of another address do not', async () => {
    const client = from();
    const allowed = [await send(app(), '/server/ping', client), await send(app(), '/openapi.json', client)];

    const refused = await send(app(), '/graphql/system', { ...client, body: { query: '{ __typename }' } });

    expect(allowed.map(({ status }) => status)).toEqual([200, 200]);
    expect(allowed.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual(
      Array(2).fill('"anonymous";q=2;w=60'),
    );
    expect(refused.status).toBe(429);
    expect(refused.body.errors[0].extensions).toMatchObject({ code: 'REQUESTS_EXCEEDED', limit: 2 });
    expect(await send(app(), '/server/ping', from())).toMatchObject({ status: 200 });
  });

  it('a page is refused with a sentence', async () => {
    const client = from();
    for (let index = 0; index < 2; index += 1) await send(app(), '/', client);

    const { status, headers, body } = await send(app(), '/', client);

    expect(status).toBe(429);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body).toBe('Too many requests: more than 2 points in 60 seconds.\n');
  });

  it('addresses of one IPv6 network count together', async () => {
    const statuses = [];
    for (const host of [':1', ':2:3', ':ffff', 'a:b:c:d']) {
      statuses.push((await send(app(), '/server/ping', from(`2001:db8:0:7:${host}`))).status);
    }

    expect(statuses).toEqual([200, 200, 429, 429]);
    expect(await send(app(), '/server/ping', from('2001:db8:0:8::1'))).toMatchObject({ status: 200 });
  });

  it('signing in costs more than a bucket of two points holds, and waits for a full one', async () => {
    const body = { email: 'alice@example.com', password: 'a wrong password' };
    const client = from();
    const signIn = () => send(app(), '/auth/login', { ...from(), body });

    expect(await signIn()).toMatchObject({ status: 401 });
    await send(app(), '/server/ping', client);
    expect(await send(app(), '/auth/login', { ...client, body })).toMatchObject({ status: 429 });
  });

  it('health checks cost nothing', async () => {
    const client = from();
    for (let index = 0; index < 3; index += 1) await send(app(), '/server/ping', client);

    for (const path of ['/healthz', '/readyz']) {
      const { status, headers } = await send(app(), path, client);
      expect(status).toBe(200);
      expect(headers.get('ratelimit')).toBeNull();
    }
  });

  it('signed-in users of the address are not limited, and others of it cannot lock them out', async () => {
    const { alice } = app().people;
    const client = from();
    for (let index = 0; index < 3; index += 1) await send(app(), '/server/ping', client);

    expect(await send(app(), '/notifications', { as: alice, ...client })).toMatchObject({ status: 200 });
    expect(await graphql(app(), alice, '{ __typename }')).toMatchObject({ status: 200 });
  });

  it('messages of a socket without a signed-in user count for its address', async () => {
    const client = from();
    const socket = await connectRealtime(`${app().url}/websocket`, client);
    const subscribe = (uid: string) => socket.ask({ type: 'subscribe', collection: 'none', uid });

    const answers = [await subscribe('a'), await subscribe('b'), await subscribe('c')];

    expect(answers.map(({ error }) => error.code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'REQUESTS_EXCEEDED']);
    expect(answers[2]).toMatchObject({ type: 'server', status: 'error', uid: 'c' });
    expect(await socket.ask({ type: 'ping', uid: 'd' })).toEqual({ type: 'pong', uid: 'd' });
    expect(await send(app(), '/server/ping', client)).toMatchObject({ status: 429 });
  });

  it('the metrics count refused requests by limit', async () => {
    const client = from();
    const count = async () => {
      const { body } = await send(app(), '/metrics');
      return Number(/tidings_refused_requests_total\{limit="anonymous"\} (\d+)/.exec(body)?.[1] ?? 0);
    };
    const before = await count();
    for (let index = 0; index < 4; index += 1) await send(app(), '/server/ping', client);

    expect((await count()) - before).toBe(2);
  });
});
