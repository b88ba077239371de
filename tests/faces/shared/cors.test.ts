import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { createNotifications } from '../../../src/notifications/write.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { openWatch } from '../../support/coder-client.ts';
import { closeClients, connectRealtime } from '../../support/realtime-client.ts';

afterEach(closeClients);

const page = 'https://front.example.com';
const other = 'https://evil.example.com';
const settings = '/api/v2/notifications/settings';
const corsHeaders = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith('access-control-'));

describe('a page of a listed origin', () => {
  const app = useTestApp({ CORS_ORIGIN: `${page}, http://localhost:5173` });
  const preflight = (path: string, method: string, origin = page) =>
    send(app(), path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  it.each([
    ['/notifications', 'SEARCH'],
    ['/notifications/1', 'PATCH'],
    ['/graphql/system', 'POST'],
    [settings, 'PUT'],
    ['/api/v2/notifications/inbox/watch', 'GET'],
    ['/no/such/path', 'GET'],
  ])('a preflight request from a listed origin needs no token: %s %s', async (path, method) => {
    const { status, headers, body } = await preflight(path, method);

    expect([status, body]).toEqual([204, '']);
    expect(headers.get('access-control-allow-origin')).toBe(page);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    expect(headers.get('access-control-allow-methods')?.split(', ')).toContain(method);
    expect(headers.get('access-control-max-age')).toBe('18000');
    expect(headers.get('vary')).toContain('Origin');
  });

  it.each([
    ['/notifications', 200],
    ['/notifications?access_token=wrong', 401],
    ['/no/such/path', 404],
    ['/graphql/system?query={__typename}', 200],
    [settings, 200],
    ['/api/v2/notifications/inbox?x=1', 400],
    ['/healthz', 200],
  ])('a page of a listed origin can read every response, errors too: %s %d', async (path, status) => {
    const as = path.includes('wrong') ? {} : { as: app().people.alice };

    const reply = await send(app(), path, { ...as, headers: { origin: page } });

    expect(reply.status).toBe(status);
    expect(reply.headers.get('access-control-allow-origin')).toBe(page);
    expect(reply.headers.get('access-control-expose-headers')).toBe('Content-Range, Retry-After, Idempotency-Replayed');
    expect(reply.headers.get('vary')).toContain('Origin');
  });

  it('a page of a listed origin can read an event stream', async () => {
    const { alice } = app().people;

    const reply = await fetch(`${app().url}/graphql/system`, {
      method: 'POST',
      headers: {
        origin: page,
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${alice.token}`,
      },
      body: JSON.stringify({ query: 'subscription { inbox_changes { kind } }' }),
    });

    expect(reply.headers.get('content-type')).toBe('text/event-stream');
    expect(reply.headers.get('access-control-allow-origin')).toBe(page);
    const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
    await createNotifications(app().contextOf(app().people.admin), [{ recipient: alice.id, subject: 'Hello' }]);
    let text = '';
    while (!text.includes('created')) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();
  });

  it('a page of a listed origin may open the sockets that check origins', async () => {
    const { alice } = app().people;

    const realtime = await connectRealtime(`${app().url}/websocket`, { headers: { origin: page } });
    const watch = await openWatch(
      new WebSocket(`${app().url.replace('http', 'ws')}/api/v2/notifications/inbox/watch`, {
        headers: { origin: page, 'coder-session-token': alice.token },
      }),
    );
    watch.close();

    await expect(realtime.ask({ type: 'auth', access_token: alice.token })).resolves.toMatchObject({ status: 'ok' });
  });

  it('a page of an origin that is not listed cannot read responses', async () => {
    const asked = await preflight('/notifications', 'GET', other);
    const reply = await send(app(), '/notifications', { as: app().people.alice, headers: { origin: other } });
    const noneNamed = await send(app(), '/notifications', { as: app().people.alice });

    for (const { headers } of [asked, reply, noneNamed]) expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(reply.status).toBe(200);
    await expect(connectRealtime(`${app().url}/websocket`, { headers: { origin: other } })).rejects.toMatchObject({
      status: 403,
    });
  });
});

describe.each(['*', 'true'])('pages of any origin, by %j', (origins) => {
  const app = useTestApp({ CORS_ORIGIN: origins });

  it('pages of any origin read answers, but without cookies', async () => {
    const { status, headers } = await send(app(), '/notifications', {
      as: app().people.alice,
      headers: { origin: other },
    });

    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('pages of any origin cannot open the sockets that check origins', async () => {
    const call = connectRealtime(`${app().url}/websocket`, { headers: { origin: other } });

    await expect(call).rejects.toMatchObject({ status: 403 });
  });
});

describe.each([{}, { CORS_ORIGIN: 'false' }])('without origins: %j', (environment) => {
  const app = useTestApp(environment);

  it('without configured origins there are no CORS headers', async () => {
    const reply = await send(app(), '/notifications', { as: app().people.alice, headers: { origin: page } });
    const asked = await send(app(), '/graphql/system', { method: 'OPTIONS', headers: { origin: page } });

    expect(reply.status).toBe(200);
    expect(asked.status).toBe(405);
    expect([reply, asked].flatMap(({ headers }) => corsHeaders(headers))).toEqual([]);
  });
});
