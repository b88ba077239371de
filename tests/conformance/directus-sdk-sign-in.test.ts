import {
  type AuthenticationData,
  authentication,
  createDirectus,
  isDirectusError,
  login,
  logout,
  memoryStorage,
  readMe,
  refresh,
  rest,
} from '@directus/sdk';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { useTestApp } from '../support/app.ts';
import { cookieJar } from '../support/cookie-jar.ts';

const credentials = { email: 'admin@example.com', password: 'admin-password' };

describe('signing in with the Directus SDK, unchanged', () => {
  const app = useTestApp();
  let codeOf: (request: Promise<unknown>) => Promise<unknown>;
  beforeAll(() => {
    codeOf = (request) =>
      request.then(
        () => 'accepted',
        (error: unknown) => (isDirectusError(error) ? error.errors[0]?.extensions.code : error),
      );
  });

  it('signs in, refreshes and signs out in the mode json', async () => {
    const storage = memoryStorage();
    const client = createDirectus(app().url)
      .with(authentication('json', { autoRefresh: false, storage }))
      .with(rest());

    const first = await client.login(credentials);
    const me = await client.request(readMe({ fields: ['email'] }));
    const second = await client.refresh();
    const again = await client.request(readMe({ fields: ['email'] }));
    await client.logout();

    expect([me, again]).toEqual([{ email: credentials.email }, { email: credentials.email }]);
    expect(first.expires).toBe(900_000);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const bare = createDirectus(app().url).with(rest());
    for (const { refresh_token } of [first, second]) {
      const request = bare.request(refresh({ mode: 'json', refresh_token: refresh_token ?? '' }));
      await expect(codeOf(request)).resolves.toBe('INVALID_CREDENTIALS');
    }
  });

  it('signs in, refreshes and signs out in the mode cookie', async () => {
    const jar = cookieJar();
    const client = createDirectus(app().url, { globals: { fetch: jar.fetch } })
      .with(authentication('cookie', { credentials: 'include', autoRefresh: false }))
      .with(rest({ credentials: 'include' }));

    const first = await client.login(credentials);
    const before = jar.cookies['directus_refresh_token'];
    const second = await client.refresh();
    const me = await client.request(readMe({ fields: ['email'] }));
    const after = jar.cookies['directus_refresh_token'];
    await client.logout();

    expect(first).toMatchObject({ expires: 900_000, access_token: expect.any(String) });
    expect([first.refresh_token, second.refresh_token].every((token) => !token)).toBe(true);
    expect(after).not.toBe(before);
    expect(me).toEqual({ email: credentials.email });
    expect(jar.cookies).toEqual({});
  });

  it('signs in, refreshes and signs out in the mode session', async () => {
    const jar = cookieJar();
    const client = createDirectus(app().url, { globals: { fetch: jar.fetch } })
      .with(authentication('session', { credentials: 'include', autoRefresh: false }))
      .with(rest({ credentials: 'include' }));

    const first: AuthenticationData = await client.login(credentials);
    const before = jar.cookies['directus_session_token'];
    const me = await client.request(readMe({ fields: ['email'] }));
    await client.refresh();
    const again = await client.request(readMe({ fields: ['email'] }));
    const after = jar.cookies['directus_session_token'] ?? '';
    await client.logout();

    expect(first.expires).toBe(86_400_000);
    expect(after).not.toBe(before);
    expect([me, again]).toEqual([{ email: credentials.email }, { email: credentials.email }]);
    expect(jar.cookies).toEqual({});
    const ended = await fetch(`${app().url}/users/me`, { headers: { authorization: `Bearer ${after}` } });
    expect(ended.status).toBe(401);
  });

  it('signs in and out with single requests, without `authentication()` of the SDK', async () => {
    const client = createDirectus(app().url).with(rest());

    const tokens = await client.request(login(credentials, { mode: 'json' }));
    await client.request(logout({ mode: 'json', refresh_token: tokens.refresh_token ?? '' }));

    const request = client.request(refresh({ mode: 'json', refresh_token: tokens.refresh_token ?? '' }));
    await expect(codeOf(request)).resolves.toBe('INVALID_CREDENTIALS');
  });

  it('throws the error of Directus for a wrong password', async () => {
    const client = createDirectus(app().url).with(authentication('json')).with(rest());

    await expect(codeOf(client.login({ ...credentials, password: 'wrong-password' }))).resolves.toBe(
      'INVALID_CREDENTIALS',
    );
  });
});
