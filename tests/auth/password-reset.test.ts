import { beforeEach, describe, expect, it } from '@jest/globals';
import { createUsers, deleteUsers, updateUsers } from '../../src/users/write.ts';
import { useTestApp } from '../support/app.ts';
import { send } from '../support/client.ts';
import { resetTokensOf, storedResets, tokenOfMail } from '../support/password-reset.ts';

const app = useTestApp({
  TRUST_PROXY: 'loopback',
  PASSWORD_RESET_URL_ALLOW_LIST: 'https://app.example.com/reset, https://other.example.com/a?b=c#d',
});
const oldPassword = 'the old password';
const newPassword = 'the new password';
let made = 0;
/** Another for each test, because attempts from one address are delayed. */
let address = '';
let user = { id: '', email: '' };

beforeEach(async () => {
  made += 1;
  address = `10.0.0.${made}`;
  const email = `user-${made}@example.com`;
  const [id = ''] = await createUsers(asAdmin(), [{ email, password: oldPassword }]);
  user = { id, email };
});

const asAdmin = () => app().contextOf(app().people.admin);
const post = (path: string, body: object) => send(app(), path, { body, headers: { 'x-forwarded-for': address } });
const ask = (email = user.email, more: object = {}) => post('/auth/password/request', { email, ...more });
const reset = (token: string, password = newPassword) => post('/auth/password/reset', { token, password });
const tokenOf = async () => {
  await ask();
  return tokenOfMail(app().db, user.id);
};
const login = async (password: string) => (await post('/auth/login', { email: user.email, password })).status;
const refusalOf = async (token: string) => {
  const { status, body } = await reset(token);
  return [status, body.errors?.[0].extensions.code];
};
const change = (fields: object) => updateUsers(asAdmin(), [user.id], fields);

describe('asking for a new password', () => {
  it('is answered alike whether or not the user exists, is suspended, or signs in at an identity provider', async () => {
    const [suspended = '', identified = ''] = await createUsers(asAdmin(), [
      { email: `suspended-${made}@example.com`, status: 'suspended' },
      { email: `identified-${made}@example.com`, password: oldPassword },
    ]);
    const key = { issuer: 'https://login.example.com', subject: identified };
    await app().db.prisma.userIdentity.create({ data: { ...key, user_id: identified } });

    const replies = [];
    const unknown = ['nobody@example.com', '', 'no address', 'nul\0@example.com'];
    for (const email of [user.email, `suspended-${made}@example.com`, `identified-${made}@example.com`, ...unknown]) {
      address = `10.1.0.${replies.length}`;
      replies.push(await post('/auth/password/request', { email: email || 'x' }));
    }

    for (const { status, body, headers } of replies) {
      expect([status, body, headers.get('content-type')]).toEqual([204, '', null]);
    }
    await tokenOfMail(app().db, user.id);
    await expect(storedResets(app().db, suspended)).resolves.toEqual([]);
    await expect(storedResets(app().db, identified)).resolves.toEqual([]);
  });

  it('finds the address in any case', async () => {
    await ask(` ${user.email.toUpperCase()} `);

    await expect(tokenOfMail(app().db, user.id)).resolves.toEqual(expect.any(String));
  });

  it('sends one mail to a user within five minutes, whoever asks', async () => {
    await Promise.all([ask(), ask(), ask()]);
    address = '10.2.0.1';
    await ask();

    await tokenOfMail(app().db, user.id);
    // In the worst case the minutes of two periods.
    expect((await storedResets(app().db, user.id)).length).toBeLessThanOrEqual(2);
  });

  it('accepts an address in the list, compared without its query', async () => {
    for (const [url, status] of [
      ['https://app.example.com/reset', 204],
      ['https://app.example.com/reset?from=mail', 204],
      ['https://other.example.com/a?b=c#d', 204],
      ['https://app.example.com/reset/more', 400],
      ['https://app.example.com:444/reset', 400],
      ['http://app.example.com/reset', 400],
      ['https://user:password@app.example.com/reset', 400],
      ['https://app.example.com.evil.example/reset', 400],
      ['javascript:alert(1)', 400],
      ['/reset', 400],
    ] as const) {
      address = `10.3.${made}.${url.length}`;
      const reply = await ask('nobody@example.com', { reset_url: url });

      expect([url, reply.status]).toEqual([url, status]);
      if (status === 400) expect(reply.body.errors[0].extensions.code).toBe('INVALID_PAYLOAD');
    }
  });

  it('refuses a missing field and names it', async () => {
    for (const [path, body, field] of [
      ['request', {}, 'email'],
      ['request', { email: 7 }, 'email'],
      ['reset', { password: newPassword }, 'token'],
      ['reset', { token: 'a' }, 'password'],
    ] as const) {
      const { status, body: answer } = await post(`/auth/password/${path}`, body);

      expect(status).toBe(400);
      expect(answer.errors[0].extensions).toMatchObject({
        code: 'INVALID_PAYLOAD',
        reason: expect.stringContaining(field),
      });
    }
  });

  it('stores nothing from which the token can be read', async () => {
    const token = await tokenOf();

    const rows = JSON.stringify(await app().db.prisma.delivery.findMany({ where: { user_id: user.id } }), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    for (const part of token.split('.')) expect(rows).not.toContain(part);
  });
});

describe('the token of a link', () => {
  it('sets a password, once', async () => {
    const token = await tokenOf();

    await expect(reset(token)).resolves.toMatchObject({ status: 204, body: '' });
    await expect(login(newPassword)).resolves.toBe(200);
    await expect(login(oldPassword)).resolves.toBe(401);
    await expect(refusalOf(token)).resolves.toEqual([403, 'FORBIDDEN']);
  });

  it('sets the password of one of several concurrent requests', async () => {
    const token = await tokenOf();

    const replies = await Promise.all(['first password', 'second password'].map((word) => reset(token, word)));

    expect(replies.map(({ status }) => status).sort()).toEqual([204, 403]);
    const winner = replies[0]?.status === 204 ? 'first password' : 'second password';
    await expect(login(winner)).resolves.toBe(200);
  });

  it('gives a user without a password one', async () => {
    await change({ password: null });
    const token = await tokenOf();

    await expect(reset(token)).resolves.toMatchObject({ status: 204 });
    await expect(login(newPassword)).resolves.toBe(200);
  });

  it('is no longer valid after the password or the e-mail address was changed in another way', async () => {
    for (const fields of [{ password: 'another password' }, { email: `other-${made}@example.com` }]) {
      const token = await tokenOf();
      await change(fields);

      await expect(refusalOf(token)).resolves.toEqual([403, 'FORBIDDEN']);
    }
  });

  it('is no longer valid after the user was suspended or deleted', async () => {
    const token = await tokenOf();
    await change({ status: 'suspended' });
    await expect(refusalOf(token)).resolves.toEqual([403, 'FORBIDDEN']);
    await change({ status: 'active' });
    await expect(refusalOf(token)).resolves.toEqual([403, 'FORBIDDEN']);

    await deleteUsers(asAdmin(), [user.id]);

    await expect(refusalOf(token)).resolves.toEqual([403, 'FORBIDDEN']);
  });

  it('expires', async () => {
    await tokenOf();
    const [stored] = await storedResets(app().db, user.id);
    const soon = Date.now() + 60 * 60 * 1000;
    expect(Math.abs(Date.parse(stored?.expires_at ?? '') - soon)).toBeLessThan(60_000);

    const expires_at = new Date(Date.now() - 2_000).toISOString();
    const old = await resetTokensOf(app().db).sign(user.id, { fingerprint: stored?.fingerprint ?? '', expires_at });

    await expect(refusalOf(old)).resolves.toEqual([401, 'TOKEN_EXPIRED']);
  });

  it('must be signed here, for this purpose', async () => {
    const token = await tokenOf();
    const { body } = await post('/auth/login', { email: user.email, password: oldPassword });
    const [head, , signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const others = Buffer.from(JSON.stringify({ ...claims, id: app().people.admin.id })).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');

    for (const foreign of [
      'no token',
      body.data.access_token,
      `${head}.${others}.${signature}`,
      `${unsigned}.${others}.`,
    ]) {
      await expect(refusalOf(foreign)).resolves.toEqual([403, 'INVALID_TOKEN']);
    }
    const { status } = await send(app(), '/users/me', { headers: { authorization: `Bearer ${token}` } });
    expect(status).toBe(403);
  });

  it('stays valid after a password that breaks the rules', async () => {
    const token = await tokenOf();

    const { status, body } = await reset(token, 'short');

    expect([status, body.errors[0].extensions]).toMatchObject([400, { code: 'FAILED_VALIDATION', field: 'password' }]);
    await expect(reset(token)).resolves.toMatchObject({ status: 204 });
  });
});
