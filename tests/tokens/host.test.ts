import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { onTestDatabase } from '../support/database.ts';
import { aKey, aNode, aToken, startProvider } from './identity-provider.ts';

const { db } = await onTestDatabase();
const secret = 'a secret that both sides know, long enough';

async function aUser(data: { readonly external_id?: string; readonly email?: string; readonly role?: string } = {}) {
  const id = uuid();
  await db.prisma.user.create({ data: { id, ...data } });
  return id;
}

const unknown = { code: 'INVALID_CREDENTIALS', refusal: { kind: 'unknown' } };
const revoked = { code: 'INVALID_CREDENTIALS', refusal: { kind: 'revoked' } };

describe('a token of the application', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('is accepted when it is signed with %s', async (alg) => {
    const external_id = uuid();
    const id = await aUser({ external_id });
    const key = await aKey(alg, 'one');
    const provider = await startProvider([key]);
    const node = aNode(db, { jwks_url: provider.url });

    const viewer = await node.authenticate(await aToken(key, { sub: external_id }));

    expect(viewer).toMatchObject({
      id,
      role: 'member',
      scopes: ['inbox', 'preferences'],
      credential: { kind: 'host_token' },
    });
    await provider.stop();
  });

  it('is accepted when it is signed with a shared secret', async () => {
    const external_id = uuid();
    const id = await aUser({ external_id });
    const key = { kid: 'any', alg: 'HS256', privateKey: new TextEncoder().encode(secret) };

    const viewer = await aNode(db, { secret }).authenticate(await aToken(key, { sub: external_id }));

    expect(viewer).toMatchObject({ id });
  });

  it('identifies its user by id or by e-mail address if its issuer is configured so', async () => {
    const email = `${uuid()}@example.com`;
    const id = await aUser({ email });
    const key = { kid: 'any', alg: 'HS256', privateKey: new TextEncoder().encode(secret) };
    const byEmail = aNode(db, { secret, user_key: 'email', user_claim: 'email' });
    const byId = aNode(db, { secret, user_key: 'id' });

    expect(await byEmail.authenticate(await aToken(key, { email: email.toUpperCase() }))).toMatchObject({ id });
    expect(await byId.authenticate(await aToken(key, { sub: id }))).toMatchObject({ id });
    const unverified = await aToken(key, { email, email_verified: false });
    await expect(byEmail.authenticate(unverified)).rejects.toMatchObject(unknown);
    await expect(byId.authenticate(await aToken(key, { sub: 'no-uuid' }))).rejects.toMatchObject(unknown);
  });

  it('creates its user when it is first used, once, and only if its issuer is configured so', async () => {
    const sub = uuid();
    const email = `${sub}@example.com`;
    const key = { kid: 'any', alg: 'HS256', privateKey: new TextEncoder().encode(secret) };
    const tokens = await Promise.all(
      ['a', 'b', 'c'].map((jti) => aToken(key, { sub, email, name: 'Ada', jti, number: 1 })),
    );

    await expect(aNode(db, { secret }).authenticate(tokens[0] ?? '')).rejects.toMatchObject(unknown);
    const node = aNode(db, { secret, creates_users: true });
    const viewers = await Promise.all(tokens.map((token) => node.authenticate(token)));

    expect(new Set(viewers.map((viewer) => viewer?.id)).size).toBe(1);
    const rows = await db.prisma.user.findMany({ where: { external_id: sub } });
    expect(rows).toMatchObject([{ email, first_name: 'Ada', role: 'member', status: 'active' }]);
  });

  it('creates its user without an e-mail address that another user has', async () => {
    const sub = uuid();
    const email = `${sub}@example.com`;
    await aUser({ email });
    const key = { kid: 'any', alg: 'HS256', privateKey: new TextEncoder().encode(secret) };

    await aNode(db, { secret, creates_users: true }).authenticate(await aToken(key, { sub, email }));

    expect(await db.prisma.user.findMany({ where: { external_id: sub } })).toMatchObject([{ email: null }]);
  });

  it('has the role that its role claim names, or else the role member, even if its user is an admin', async () => {
    const external_id = uuid();
    await aUser({ external_id, role: 'admin' });
    const key = { kid: 'any', alg: 'HS256', privateKey: new TextEncoder().encode(secret) };
    const node = aNode(db, { secret, role_claim: 'roles', scopes: null });
    const roleFor = async (roles: unknown) =>
      (await node.authenticate(await aToken(key, { sub: external_id, roles, jti: uuid() })))?.role;

    expect(await roleFor(['reader', 'operator'])).toBe('operator');
    expect(await roleFor('admin')).toBe('admin');
    expect(await roleFor('owner')).toBe('member');
    expect(await roleFor(undefined)).toBe('member');
    const viewer = await aNode(db, { secret }).authenticate(await aToken(key, { sub: external_id, roles: 'admin' }));
    expect(viewer?.role).toBe('member');
  });

  it('is refused as expired after its expiry plus the clock skew, and its connections are no longer valid', async () => {
    const external_id = uuid();
    await aUser({ external_id });
    const key = { kid: 'any', alg: 'HS256', privateKey: new TextEncoder().encode(secret) };
    const node = aNode(db, { secret, clock_skew: 5 });
    const token = await aToken(key, { sub: external_id, exp: Math.floor(Date.now() / 1000) + 60 });
    const viewer = await node.authenticate(token);
    if (viewer === undefined) throw new Error('not accepted');

    node.clock.aheadMs = 62_000;
    expect(await node.authenticate(token)).toBeDefined();
    expect(await node.findValid([viewer])).toEqual(new Set([viewer]));
    node.clock.aheadMs = 67_000;

    await expect(node.authenticate(token)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
    await expect(aNode(db, { secret }).authenticate(await aToken(key, { exp: 1 }))).rejects.toMatchObject({
      code: 'TOKEN_EXPIRED',
    });
    expect(await node.findValid([viewer])).toEqual(new Set());
  });
});

describe('the keys of an issuer', () => {
  it('can be rotated: no valid token is refused, and tokens of a removed key are refused within a minute', async () => {
    const external_id = uuid();
    await aUser({ external_id });
    const [first, second] = [await aKey('ES256', 'first'), await aKey('ES256', 'second')];
    const provider = await startProvider([first]);
    const node = aNode(db, { jwks_url: provider.url });
    const [old, fresh] = [await aToken(first, { sub: external_id }), await aToken(second, { sub: external_id })];
    const viewer = await node.authenticate(old);
    if (viewer === undefined) throw new Error('not accepted');

    provider.publish([second, first]);
    const many = Array.from({ length: 20 }, (_, index) => node.authenticate(index % 2 === 0 ? old : fresh));
    expect((await Promise.all(many)).every((one) => one?.id === viewer.id)).toBe(true);

    provider.publish([second]);
    node.clock.aheadMs = 58_000;
    await expect(node.authenticate(old)).rejects.toMatchObject(revoked);
    expect(await node.findValid([viewer])).toEqual(new Set());
    expect(await node.authenticate(fresh)).toBeDefined();
    await provider.stop();
  });

  it('are fetched again because of tokens with unknown key ids at most once a minute', async () => {
    const [known, other] = [await aKey('EdDSA', 'known'), await aKey('EdDSA', 'other')];
    const provider = await startProvider([known]);
    const node = aNode(db, { jwks_url: provider.url });
    const guesses = await Promise.all([1, 2, 3, 4].map((number) => aToken({ ...other, kid: `guess-${number}` })));

    for (const guess of guesses) await expect(node.authenticate(guess)).rejects.toMatchObject(unknown);

    expect(provider.requests()).toBeLessThanOrEqual(2);
    await provider.stop();
  });

  it('stay in use while their address fails', async () => {
    const external_id = uuid();
    await aUser({ external_id });
    const key = await aKey('EdDSA', 'one');
    const provider = await startProvider([key]);
    const node = aNode(db, { jwks_url: provider.url });
    await node.authenticate(await aToken(key, { sub: external_id }));

    for (const [index, [status, body, headers]] of (
      [
        [500, '', {}],
        [200, 'no JSON', {}],
        [200, '{}', {}],
        [200, JSON.stringify({ keys: [], filler: 'x'.repeat(300_000) }), {}],
        [302, '', { location: provider.url }],
      ] as const
    ).entries()) {
      provider.answerWith(status, body, headers);
      node.clock.aheadMs += 40_000;
      expect(
        await node.authenticate(await aToken(key, { sub: external_id, exp: 1e10, jti: `${index}` })),
      ).toBeDefined();
      await node.failure(index + 1);
    }
    await provider.stop();
  });
});
