import { authentication, createDirectus, realtime, refresh, rest } from '@directus/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import { stringifyCookie } from 'cookie';
import { WebSocket } from 'ws';
import { createNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';
import { cookieJar } from '../support/cookie-jar.ts';

interface Schema {
  readonly directus_notifications: { readonly id: number; readonly subject: string }[];
}

const credentials = { email: 'admin@example.com', password: 'admin-password' };
const clients: { disconnect(): void }[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

describe('the realtime client of the Directus SDK, signed in with a password', () => {
  const app = useTestApp();

  it.each(['json', 'cookie', 'session'] as const)('receives events in the mode %s', async (mode) => {
    const jar = cookieJar();
    /** Sends the cookies of the jar, as the WebSocket of a browser does. */
    class CookieSocket extends WebSocket {
      constructor(address: string) {
        super(address, { headers: { cookie: stringifyCookie(jar.cookies) } });
      }
    }
    const globals = { fetch: jar.fetch, WebSocket: CookieSocket as unknown as typeof globalThis.WebSocket };
    // In the mode session there is no token for a handshake: the cookie signs in.
    const authMode = mode === 'session' ? 'public' : 'handshake';
    const client = createDirectus<Schema>(app().url, { globals })
      .with(authentication(mode, { credentials: 'include', autoRefresh: false }))
      .with(realtime({ reconnect: false, authMode }));
    clients.push(client);
    const { admin } = app().people;

    await client.login(credentials);
    await client.connect();
    const { subscription } = await client.subscribe('directus_notifications', {
      event: 'create',
      query: { fields: ['subject'] },
    });
    const init = await subscription.next();
    const event = subscription.next();
    await createNotifications(app().contextOf(admin), [{ recipient: admin.id, subject: `In the mode ${mode}` }]);

    expect(init.value).toMatchObject({ event: 'init' });
    await expect(event).resolves.toMatchObject({
      value: { event: 'create', data: [{ subject: `In the mode ${mode}` }] },
    });
  });

  it('signs in with a password over the socket, and gets a refresh token', async () => {
    const globals = { WebSocket: WebSocket as unknown as typeof globalThis.WebSocket };
    const client = createDirectus<Schema>(app().url, { globals }).with(
      realtime({ reconnect: false, authMode: 'public' }),
    );
    clients.push(client);
    const { admin } = app().people;
    await client.connect();
    const answered = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
      client.onWebSocket('message', (message) => message.type === 'auth' && resolve(message));
    });

    client.sendMessage({ type: 'auth', ...credentials });
    const answer = await answered;
    const { subscription } = await client.subscribe('directus_notifications', {
      event: 'create',
      query: { fields: ['subject'] },
    });
    await subscription.next();
    const event = subscription.next();
    await createNotifications(app().contextOf(admin), [{ recipient: admin.id, subject: 'By password' }]);

    expect(answer).toMatchObject({ type: 'auth', status: 'ok', refresh_token: expect.any(String) });
    await expect(event).resolves.toMatchObject({ value: { event: 'create', data: [{ subject: 'By password' }] } });
    const bare = createDirectus(app().url).with(rest());
    const tokens = await bare.request(refresh({ mode: 'json', refresh_token: String(answer['refresh_token']) }));
    expect(tokens.access_token).toEqual(expect.any(String));
  });
});
