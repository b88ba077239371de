import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';

const login = `mutation ($email: String! = "admin@example.com", $password: String! = "admin-password", $mode: auth_mode) {
  auth_login(email: $email, password: $password, mode: $mode, otp: null) { access_token expires refresh_token }
}`;
const refresh = `mutation ($token: String, $mode: auth_mode) {
  auth_refresh(refresh_token: $token, mode: $mode) { access_token expires refresh_token }
}`;
const logout = `mutation ($token: String, $mode: auth_mode) { auth_logout(refresh_token: $token, mode: $mode) }`;

describe('signing in over GraphQL', () => {
  const app = useTestApp();
  const run = (query: string, variables: object = {}, headers: Readonly<Record<string, string>> = {}) =>
    send(app(), '/graphql/system', { body: { query, variables }, headers });
  const me = (headers: Readonly<Record<string, string>>) => send(app(), '/users/me', { headers });
  const cookiesOf = ({ headers }: { readonly headers: Headers }) => headers.getSetCookie();
  const firstCookie = (reply: { readonly headers: Headers }) => cookiesOf(reply)[0]?.split(';')[0] ?? '';

  it('answers the tokens in the mode json, which is the default', async () => {
    const first = await run(login);
    const { access_token, refresh_token, expires } = first.body.data.auth_login;
    const authorization = `Bearer ${access_token}`;

    expect(expires).toBe('900000');
    expect(cookiesOf(first)).toEqual([]);
    await expect(me({ authorization })).resolves.toMatchObject({ status: 200 });

    const second = await run(refresh, { token: refresh_token });
    expect(second.body.data.auth_refresh.refresh_token).not.toBe(refresh_token);
    const old = await run(refresh, { token: refresh_token });
    expect(old.body.errors[0].extensions.code).toBe('INVALID_CREDENTIALS');

    const out = await run(logout, { token: second.body.data.auth_refresh.refresh_token });
    expect(out.body).toEqual({ data: { auth_logout: true } });
    await expect(me({ authorization })).resolves.toMatchObject({ status: 401 });
  });

  it('keeps the refresh token in a cookie in the mode cookie', async () => {
    const first = await run(login, { mode: 'cookie' });
    const second = await run(refresh, {}, { cookie: firstCookie(first) });
    const out = await run(logout, { mode: 'cookie' }, { cookie: firstCookie(second) });

    for (const tokens of [first.body.data.auth_login, second.body.data.auth_refresh]) {
      expect(tokens).toEqual({ access_token: expect.any(String), expires: '900000', refresh_token: null });
    }
    expect(cookiesOf(first)).toEqual([expect.stringMatching(/^directus_refresh_token=.+; HttpOnly;/)]);
    expect(firstCookie(second)).not.toBe(firstCookie(first));
    expect(cookiesOf(out)).toEqual([expect.stringMatching(/^directus_refresh_token=; Max-Age=0;/)]);
  });

  it('keeps everything in one cookie in the mode session', async () => {
    const first = await run(login, { mode: 'session' });
    const cookie = firstCookie(first);
    const second = await run(refresh, { mode: 'session' }, { cookie });
    const renewed = firstCookie(second);
    const signedIn = await me({ cookie: renewed });
    const out = await run(logout, { mode: 'session' }, { cookie: renewed });

    expect(first.body.data.auth_login).toEqual({ access_token: null, expires: '86400000', refresh_token: null });
    expect(renewed).toMatch(/^directus_session_token=/);
    expect(signedIn.status).toBe(200);
    expect(cookiesOf(out)).toEqual([expect.stringMatching(/^directus_session_token=; Max-Age=0;/)]);
    await expect(me({ cookie: renewed })).resolves.toMatchObject({ status: 401 });
  });

  it('sets no cookies for a page of another site', async () => {
    const reply = await run(login, { mode: 'session' }, { origin: 'https://other.example.com' });

    expect(reply.body.errors[0].extensions.code).toBe('FORBIDDEN');
    expect(cookiesOf(reply)).toEqual([]);
  });

  it('answers an unknown e-mail and a wrong password in the same way', async () => {
    const wrong = await run(login, { password: 'wrong-password' });
    const unknown = await run(login, { email: 'nobody@example.com' });

    expect(wrong.body.errors[0].extensions).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(unknown.body).toEqual(wrong.body);
  });

  it('checks one password per request, whatever its aliases', async () => {
    const guess = (password: string) => `auth_login(email: "admin@example.com", password: "${password}") { expires }`;

    const reply = await run(`mutation { a: ${guess('wrong-password')} b: ${guess('admin-password')} }`);

    expect(reply.body.data).toEqual({ a: null, b: null });
    const codes = reply.body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
    expect(codes).toEqual(['INVALID_CREDENTIALS', 'INVALID_PAYLOAD']);
  });

  it('lists the sign-ins of a user and ends one of them', async () => {
    const { admin, alice } = app().people;
    const { access_token } = (await run(login)).body.data.auth_login;
    const other = (await run(login)).body.data.auth_login;
    const authorization = `Bearer ${access_token}`;
    const list = '{ sessions { id user_id created_at last_used_at expires_at ip user_agent current } }';

    const { sessions } = (await run(list, {}, { authorization, 'user-agent': 'a browser' })).body.data;
    const current = sessions.filter((session: { readonly current: boolean }) => session.current);
    expect(current).toEqual([
      {
        id: expect.any(String),
        user_id: admin.id,
        created_at: expect.any(String),
        last_used_at: expect.any(String),
        expires_at: expect.any(String),
        ip: '127.0.0.1',
        user_agent: expect.any(String),
        current: true,
      },
    ]);
    expect(sessions.length).toBeGreaterThan(1);

    const revoke = 'mutation ($id: ID!) { revoke_session(id: $id) { id } }';
    const { id } = current[0];
    const byAlice = await graphql(app(), alice, revoke, { id });
    const ofAdmin = await graphql(app(), alice, 'query ($id: ID) { sessions(user: $id) { id } }', { id: admin.id });
    for (const { body } of [byAlice, ofAdmin]) expect(body.errors[0].extensions.code).toBe('FORBIDDEN');
    await expect(me({ authorization })).resolves.toMatchObject({ status: 200 });

    const revoked = await run(revoke, { id }, { authorization: `Bearer ${other.access_token}` });
    expect(revoked.body.data.revoke_session).toEqual({ id });
    await expect(me({ authorization })).resolves.toMatchObject({ status: 401 });
    const again = await graphql(app(), admin, revoke, { id });
    expect(again.body.errors[0].extensions.code).toBe('FORBIDDEN');
    const left = (await graphql(app(), admin, list)).body.data.sessions;
    expect(left).toHaveLength(sessions.length - 1);
    expect(left.some((session: { readonly current: boolean }) => session.current)).toBe(false);
  });
});
