import { afterEach, describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { closeClients, connectRealtime } from '../../support/realtime-client.ts';

afterEach(closeClients);

const credentials = { email: 'admin@example.com', password: 'admin-password' };
const evil = 'https://evil.example.net';
const listed = 'https://app.example.org';

describe('cookies of a sign-in and pages of other sites', () => {
  const app = useTestApp({ CORS_ORIGIN: listed });
  async function cookieOf(mode: 'cookie' | 'session'): Promise<string> {
    const { headers } = await send(app(), '/auth/login', { body: { ...credentials, mode } });
    return headers.getSetCookie()[0]?.split(';')[0] ?? '';
  }
  const change = (headers: Readonly<Record<string, string>>) =>
    send(app(), '/users/me', { method: 'PATCH', body: { language: 'en-GB' }, headers });

  it('accepts a cookie from its own pages, from CORS_ORIGIN, and from clients that are no browsers', async () => {
    const cookie = await cookieOf('session');

    for (const headers of [
      {},
      { origin: app().url },
      { origin: 'https://tidings.example.com' },
      { origin: listed },
      { 'sec-fetch-site': 'same-origin' },
    ]) {
      await expect(change({ cookie, ...headers })).resolves.toMatchObject({ status: 200 });
    }
  });

  it('refuses a cookie from other sites, over REST and GraphQL', async () => {
    const cookie = await cookieOf('session');

    for (const headers of [{ origin: evil }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
      await expect(change({ cookie, ...headers })).resolves.toMatchObject({ status: 403 });
      const document = { query: 'mutation { update_users_me(data: { language: "fr" }) { id } }' };
      const reply = await send(app(), '/graphql/system', { body: document, headers: { cookie, ...headers } });
      expect(reply.status).toBe(403);
    }
  });

  it('refuses an event stream with a cookie from another site', async () => {
    const cookie = await cookieOf('session');

    const reply = await send(
      app(),
      `/graphql/system?query=${encodeURIComponent('subscription { inbox_changes { kind } }')}`,
      {
        headers: { cookie, origin: evil, accept: 'text/event-stream' },
      },
    );

    expect(reply.status).toBe(403);
  });

  it('refuses to set, refresh or remove a cookie for another site', async () => {
    const cookie = await cookieOf('cookie');
    const headers = { origin: evil };

    const replies = [
      await send(app(), '/auth/login', { body: { ...credentials, mode: 'cookie' }, headers }),
      await send(app(), '/auth/refresh', { body: {}, headers: { ...headers, cookie } }),
      await send(app(), '/auth/logout', { body: {}, headers: { ...headers, cookie } }),
    ];

    expect(replies.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(replies.flatMap((reply) => reply.headers.getSetCookie())).toEqual([]);
  });

  it('opens a socket with a cookie for its own page, and refuses it for another site', async () => {
    const cookie = await cookieOf('session');

    const own = await connectRealtime(`${app().url}/websocket`, { headers: { cookie, origin: app().url } });
    expect(await own.ask({ type: 'ping' })).toEqual({ type: 'pong' });
    for (const path of ['/websocket', '/graphql/system']) {
      await expect(connectRealtime(app().url + path, { headers: { cookie, origin: evil } })).rejects.toMatchObject({
        status: 403,
      });
    }
  });
});
