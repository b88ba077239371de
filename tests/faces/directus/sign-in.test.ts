import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const credentials = { email: 'admin@example.com', password: 'admin-password' };

describe('signing in over REST', () => {
  const app = useTestApp({ SESSION_REFRESH_GRACE_PERIOD: '10m' });
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    send(app(), path, { body, headers });
  const login = async (mode?: string) => (await post('/auth/login', { ...credentials, mode })).body.data;
  const cookieOf = async (mode: string) => {
    const { headers } = await post('/auth/login', { ...credentials, mode });
    return headers.getSetCookie()[0]?.split(';')[0] ?? '';
  };
  const me = (headers: Readonly<Record<string, string>>, query = '') => send(app(), `/users/me${query}`, { headers });

  it('returns both tokens in the answer in the mode json, which is the default', async () => {
    const { status, body, headers } = await post('/auth/login', credentials);

    expect(status).toBe(200);
    expect(Object.keys(body.data)).toEqual(['expires', 'refresh_token', 'access_token']);
    expect(body.data.expires).toBe(900_000);
    expect(headers.getSetCookie()).toEqual([]);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('puts the refresh token into a cookie in the mode cookie', async () => {
    const { body, headers } = await post('/auth/login', { ...credentials, mode: 'cookie' });

    expect(body).toEqual({ data: { expires: 900_000, access_token: expect.any(String) } });
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^directus_refresh_token=[\w-]{64}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
  });

  it('puts everything into one cookie in the mode session', async () => {
    const { body, headers } = await post('/auth/login', { ...credentials, mode: 'session' });

    expect(body).toEqual({ data: { expires: 86_400_000 } });
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^directus_session_token=[\w.-]+; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
  });

  it('issues access tokens with the payload of Directus', async () => {
    const payload = decodeJwt((await login()).access_token);

    expect(Object.keys(payload).sort()).toEqual(
      ['id', 'role', 'app_access', 'admin_access', 'session', 'iat', 'exp', 'iss'].sort(),
    );
    expect(payload).toMatchObject({ id: app().people.admin.id, role: 'admin', admin_access: true, iss: 'directus' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
  });

  it('refuses a missing field and names it', async () => {
    for (const [body, field] of [
      [{ password: 'admin-password' }, 'email'],
      [{ email: 'admin@example.com' }, 'password'],
      [{ ...credentials, mode: 'other' }, 'mode'],
    ] as const) {
      const reply = await post('/auth/login', body);

      expect(reply.status).toBe(400);
      expect(reply.body.errors[0].extensions).toMatchObject({
        code: 'INVALID_PAYLOAD',
        reason: expect.stringContaining(field),
      });
    }
  });

  it('answers an unknown e-mail and a wrong password in the same way', async () => {
    const wrong = await post('/auth/login', { ...credentials, password: 'wrong-password' });
    const unknown = await post('/auth/login', { ...credentials, email: 'nobody@example.com' });

    expect(wrong.status).toBe(401);
    expect(wrong.body.errors[0].extensions).toEqual({ code: 'INVALID_CREDENTIALS' });
    expect(unknown.body).toEqual(wrong.body);
  });

  it('accepts a refresh token only once, also in concurrent requests', async () => {
    const { refresh_token } = await login();

    const replies = await Promise.all([1, 2, 3].map(() => post('/auth/refresh', { refresh_token })));

    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  it('refuses a refresh without a token', async () => {
    for (const mode of [undefined, 'json', 'cookie', 'session']) {
      const { status, body } = await post('/auth/refresh', { mode });

      expect([status, body.errors[0].extensions.code]).toEqual([400, 'INVALID_PAYLOAD']);
    }
  });

  it('gives concurrent requests with an old session cookie the same new cookie', async () => {
    const cookie = await cookieOf('session');
    const refreshed = async () => {
      const { status, headers } = await post('/auth/refresh', { mode: 'session' }, { cookie });
      const text = headers.getSetCookie()[0]?.split(';')[0]?.split('=')[1] ?? '';
      return { status, session: decodeJwt(text)['session'] };
    };

    const [first, second] = [await refreshed(), await refreshed()];

    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.session).toBe(first.session);
    await expect(me({ cookie })).resolves.toMatchObject({ status: 200 });
  });

  it('refuses an old session cookie after the grace period', async () => {
    const cookie = await cookieOf('session');
    await post('/auth/refresh', { mode: 'session' }, { cookie });
    await app().db.prisma.session.updateMany({ data: { previous_until: new Date(0) } });

    const again = await post('/auth/refresh', { mode: 'session' }, { cookie });

    expect([again.status, again.body.errors[0].extensions.code]).toEqual([401, 'INVALID_CREDENTIALS']);
  });

  it('uses the cookie only without a token in the header or in the query', async () => {
    const cookie = await cookieOf('session');
    const { alice } = app().people;
    const bearer = { authorization: `Bearer ${alice.token}` };

    const own = await me({ cookie });
    const header = await me({ cookie, ...bearer });
    const query = await me({ cookie }, `?access_token=${alice.token}`);
    const both = await me({ cookie, ...bearer }, `?access_token=${alice.token}`);

    expect(own.body.data.id).toBe(app().people.admin.id);
    expect([header.body.data.id, query.body.data.id]).toEqual([alice.id, alice.id]);
    expect([both.status, both.body.errors[0].extensions.code]).toEqual([400, 'INVALID_PAYLOAD']);
  });

  it('ends the access token with its sign-in', async () => {
    const { access_token, refresh_token } = await login();
    const authorization = `Bearer ${access_token}`;

    const before = await me({ authorization });
    const { status, headers } = await post('/auth/logout', { refresh_token });
    const after = await me({ authorization });

    expect(status).toBe(204);
    expect(headers.get('content-type')).toBeNull();
    expect([before.status, after.status]).toEqual([200, 401]);
  });

  it('lets a client with the cookie of an ended sign-in sign in and out', async () => {
    const cookie = await cookieOf('session');
    await app().db.prisma.session.deleteMany();

    const out = await post('/auth/logout', { mode: 'session' }, { cookie });
    const again = await post('/auth/login', credentials, { cookie, authorization: 'Bearer of-nobody-at-all' });

    expect([out.status, again.status]).toEqual([204, 200]);
    expect(out.headers.getSetCookie()).toEqual([expect.stringMatching(/^directus_session_token=; Max-Age=0;/)]);
  });
});
