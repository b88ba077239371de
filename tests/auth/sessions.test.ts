import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { purgeSessions } from '../../src/auth/sessions/purge-sessions.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { updateUsers } from '../../src/users/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

const secret = 'a-secret-of-at-least-32-characters';
const password = 'password-of-alice';

describe('a sign-in', () => {
  const app = useTestApp({ SECRET: secret });
  const login = async (word = password) =>
    (await send(app(), '/auth/login', { body: { email: 'alice@example.com', password: word } })).body.data;
  const setPassword = (word: string) =>
    updateUsers(app().contextOf(app().people.admin), [app().people.alice.id], { password: word });
  const me = (token: string) => send(app(), '/users/me', { headers: { authorization: `Bearer ${token}` } });
  const codeOf = async (token: string) => {
    const { status, body } = await me(token);
    return [status, body.errors?.[0].extensions.code];
  };

  it('ends with a new password, unless the password was set with this sign-in', async () => {
    await setPassword(password);
    const [own, other] = [await login(), await login()];
    await Promise.all([me(own.access_token), me(other.access_token)]);

    const changed = await send(app(), '/users/me', {
      method: 'PATCH',
      body: { password: 'another-password' },
      headers: { authorization: `Bearer ${own.access_token}` },
    });

    expect(changed.status).toBeLessThan(300);
    await expect(me(own.access_token)).resolves.toMatchObject({ status: 200 });
    await expect(codeOf(other.access_token)).resolves.toEqual([401, 'INVALID_CREDENTIALS']);
    const refreshed = await send(app(), '/auth/refresh', { body: { refresh_token: other.refresh_token } });
    expect(refreshed.status).toBe(401);
  });

  it('ends when the user is suspended', async () => {
    await setPassword(password);
    const { access_token, refresh_token } = await login();
    const admin = app().contextOf(app().people.admin);

    await updateUsers(admin, [app().people.alice.id], { status: 'suspended' });
    await updateUsers(admin, [app().people.alice.id], { status: 'active' });

    await expect(codeOf(access_token)).resolves.toEqual([401, 'INVALID_CREDENTIALS']);
    const refreshed = await send(app(), '/auth/refresh', { body: { refresh_token } });
    expect(refreshed.status).toBe(401);
  });

  it('ends when the sessions of the user are revoked', async () => {
    await setPassword(password);
    const { access_token } = await login();

    await graphql(app(), app().people.alice, 'mutation { revoke_user_sessions(user: "me") { user_id } }');

    await expect(codeOf(access_token)).resolves.toEqual([401, 'INVALID_CREDENTIALS']);
  });

  it('refuses access tokens that are expired, forged, unsigned or of another algorithm', async () => {
    await setPassword(password);
    const { access_token } = await login();
    const payload = decodeJwt(access_token);
    const key = createHash('sha256').update(secret).digest();
    const signed = (alg: string, more: object, by: Uint8Array = key) =>
      new SignJWT({ ...payload, ...more }).setProtectedHeader({ alg }).sign(by);
    const minute = 60;
    const past = Math.floor(Date.now() / 1000) - minute;

    await expect(codeOf(await signed('HS256', {}))).resolves.toEqual([200, undefined]);
    await expect(codeOf(await signed('HS256', { exp: past }))).resolves.toEqual([401, 'TOKEN_EXPIRED']);
    for (const forged of [
      await signed('HS256', {}, new Uint8Array(32)),
      await signed('HS512', {}),
      await signed('HS256', { exp: undefined }),
      await signed('HS256', { session: 'none' }),
      new UnsecuredJWT(payload).encode(),
      `${access_token.slice(0, -4)}AAAA`,
    ]) {
      await expect(codeOf(forged)).resolves.toEqual([403, 'INVALID_TOKEN']);
    }
    const ofBob = await signed('HS256', { id: app().people.bob.id });
    await expect(codeOf(ofBob)).resolves.toEqual([401, 'INVALID_CREDENTIALS']);
  });

  it('is stored without its tokens, and deleted after its expiry', async () => {
    await setPassword(password);
    const { refresh_token } = await login();
    const { session } = app().db.prisma;
    const [row] = await session.findMany({ where: { user_id: app().people.alice.id } });

    expect(JSON.stringify(row)).not.toContain(refresh_token);
    expect(row).toMatchObject({ ip: '127.0.0.1', user_agent: expect.any(String) });

    const prisma = servicePrisma(app().db);
    const dayMs = 86_400_000;
    await purgeSessions(prisma, new Date(), 1);
    expect(await session.count()).toBeGreaterThan(0);
    await purgeSessions(prisma, new Date(Date.now() + 8 * dayMs), 1);
    expect(await session.count()).toBe(0);
  });
});
