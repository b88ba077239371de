import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { createSeal } from '../../src/auth/seal.ts';
import { mintedTokens, mintToken } from '../../src/auth/signed/minted-tokens.ts';
import { createSignedTokens } from '../../src/auth/signed/signed-tokens.ts';
import { createSigningKeys } from '../../src/auth/signed/signing-keys.ts';
import { type Scope, userViewer } from '../../src/auth/viewer.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { mintUserToken, type NewMintedToken } from '../../src/tokens/mint-user-token.ts';
import { revokeUserSessions } from '../../src/tokens/revoke-sessions.ts';
import { rotateSigningKeys } from '../../src/tokens/signing-keys.ts';
import { updateUsers } from '../../src/users/write.ts';
import { failureOf } from '../notifications/people.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

const app = useTestApp({ SECRET: 'a secret of the tests that is long enough' });

const mint = (input: Partial<NewMintedToken> = {}) => {
  const { admin, alice } = app().people;
  return mintUserToken(app().contextOf(admin), { user: alice.id, expires_in: 60, ...input });
};
const inbox = '{ inbox { total_count } }';
const statusOf = async (token: string) => (await graphql(app(), { id: '', token }, inbox)).status;

/** The token services of another node, whose clock is ahead by `aheadMs`. */
function anotherNode(aheadMs = 0) {
  const prisma = servicePrisma(app().db);
  const now = () => new Date(Date.now() + aheadMs);
  const seal = createSeal('a secret of the tests that is long enough');
  const keys = createSigningKeys({ prisma, seal, now, onUnreadable: () => undefined });
  const signed = createSignedTokens({ prisma, now, kinds: [mintedTokens(keys, now)] });
  return { keys, authenticate: (token: string) => signed.authenticate(token, token) };
}

describe('viewer', () => {
  it('tells who a token is for, what it may do and until when', async () => {
    const { alice } = app().people;
    const { token, expires_at } = await mint();
    const query = '{ viewer { user { id } role scopes expires_at } }';

    const { body } = await graphql(app(), { id: '', token }, query);
    const unlimited = await graphql(app(), alice, query);

    expect(body.data.viewer).toEqual({
      user: { id: alice.id },
      role: 'member',
      scopes: ['inbox', 'preferences'],
      expires_at: expires_at.toISOString(),
    });
    expect(unlimited.body.data.viewer).toMatchObject({ scopes: null, expires_at: null });
    expect((await graphql(app(), undefined, query)).body.data).toEqual({ viewer: null });
  });
});

describe('mint_user_token', () => {
  it('signs a token with which a front end reads the inbox of a user, and nothing else', async () => {
    const { admin, alice } = app().people;
    const query = `mutation ($data: mint_user_token_input!) {
      mint_user_token(data: $data) { token user_id scopes expires_at } }`;

    const { body } = await graphql(app(), admin, query, { data: { user: alice.id, expires_in: 600 } });

    const minted = body.data.mint_user_token;
    expect(minted).toMatchObject({ user_id: alice.id, scopes: ['inbox', 'preferences'] });
    expect(await statusOf(minted.token)).toBe(200);
    const me = await send(app(), '/users/me?fields=id', { as: { id: alice.id, token: minted.token } });
    expect(me.body.data).toEqual({ id: alice.id });
    const list = await send(app(), '/notifications', { as: { id: alice.id, token: minted.token } });
    expect(list.status).toBe(200);
    const refused = await graphql(app(), { id: '', token: minted.token }, '{ access_tokens { id } }');
    expect(refused.body.errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it('is signed by a published key', async () => {
    const { token, expires_at } = await mint();

    const { body, headers } = await send(app(), '/.well-known/jwks.json');
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(body), { issuer: 'tidings' });

    expect(headers.get('cache-control')).toBe('public, max-age=15');
    expect(JSON.stringify(body)).not.toContain('"d"');
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'JWT', kid: body.keys[0].kid });
    expect(payload).toMatchObject({
      sub: app().people.alice.id,
      scope: 'inbox preferences',
      exp: expires_at.getTime() / 1000,
    });
  });

  it.each<[string, Partial<NewMintedToken>, string]>([
    ['more than a day', { expires_in: 86_401 }, 'FAILED_VALIDATION'],
    ['no time at all', { expires_in: 0 }, 'FAILED_VALIDATION'],
    ['no scopes', { scopes: [] }, 'FAILED_VALIDATION'],
    ['an unknown user', { user: '00000000-0000-4000-8000-000000000000' }, 'INVALID_FOREIGN_KEY'],
    ['a malformed user', { user: 'nobody' }, 'INVALID_FOREIGN_KEY'],
  ])('refuses %s', async (_what, input, code) => {
    expect(await failureOf(mint(input))).toMatchObject({ code });
  });

  it('is refused to members, and to tokens without the scope users or without a scope of the new token', async () => {
    const { admin, alice } = app().people;
    const as = (scopes: readonly Scope[]) => ({
      ...app().contextOf(admin),
      viewer: userViewer(admin.id, 'admin', { kind: 'access_token', id: null, scopes, expires_at: null }),
    });
    const input = { user: alice.id, expires_in: 60 };

    expect(await failureOf(mintUserToken(app().contextOf(alice), input))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(mintUserToken(as(['inbox', 'preferences']), input))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(mintUserToken(as(['users', 'inbox']), input))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await mintUserToken(as(['users', 'inbox']), { ...input, scopes: ['inbox'] })).toMatchObject({
      scopes: ['inbox'],
    });
  });
});

describe('a minted token', () => {
  it('is accepted by another node', async () => {
    const { token } = await mint();

    expect(await anotherNode().authenticate(token)).toMatchObject({
      viewer: { id: app().people.alice.id, scopes: ['inbox', 'preferences'], credential: { kind: 'minted_token' } },
    });
  });

  it('is refused as expired after its expiry', async () => {
    const { token } = await mint({ expires_in: 60 });

    const refused = anotherNode(61_000).authenticate(token);

    await expect(refused).rejects.toMatchObject({ code: 'TOKEN_EXPIRED', refusal: { kind: 'expired' } });
  });

  it('is refused after the sessions of its user were revoked; a token that is signed later is accepted', async () => {
    const { token: earlier } = await mint();
    expect(await statusOf(earlier)).toBe(200);

    await revokeUserSessions(app().contextOf(app().people.alice), 'me');
    const { token: later } = await mint();

    expect(await statusOf(earlier)).toBe(401);
    expect(await statusOf(later)).toBe(200);
    expect(await statusOf(app().people.alice.token)).toBe(200);
  });

  it('is refused while its user is suspended', async () => {
    const { admin, alice } = app().people;
    const { token } = await mint();

    await updateUsers(app().contextOf(admin), [alice.id], { status: 'suspended' });
    expect(await statusOf(token)).toBe(401);

    await updateUsers(app().contextOf(admin), [alice.id], { status: 'active' });
    expect(await statusOf(token)).toBe(200);
  });

  it('is refused when anything in it was changed, or another key signed it', async () => {
    const { token } = await mint();
    const [header = '', , signature = ''] = token.split('.');
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = decodeJwt(token);
    const { kid } = decodeProtectedHeader(token);
    const { privateKey } = await generateKeyPair('EdDSA');
    const foreign = () => new SignJWT({ ...claims, sub: app().people.admin.id, scope: 'admin' });

    const forged = [
      [header, encode({ ...claims, sub: app().people.admin.id }), signature].join('.'),
      [encode({ alg: 'none', typ: 'JWT', kid }), encode(claims), ''].join('.'),
      await foreign()
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', ...(kid && { kid }) })
        .sign(privateKey),
      await foreign().setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' }).sign(privateKey),
    ];

    for (const text of forged) expect(await statusOf(text)).toBe(401);
  });
});

describe('the first signing key', () => {
  it('is made once when many tokens are minted at the same time, so that none of them is refused', async () => {
    await app().db.prisma.signingKey.deleteMany();
    const nodes = Array.from({ length: 4 }, () => anotherNode());
    const userId = app().people.alice.id;
    const times = { issuedAt: new Date(), expiresAt: new Date(Date.now() + 60_000) };

    const minted = await Promise.all(nodes.map(({ keys }) => mintToken(keys, { userId, scopes: ['inbox'], ...times })));

    expect(await app().db.prisma.signingKey.count()).toBe(1);
    for (const token of minted) expect(await anotherNode().authenticate(token)).toBeDefined();
  });
});

describe('rotating the signing keys', () => {
  it('keeps the previous key, and refuses the tokens of older keys on every node', async () => {
    const node = anotherNode();
    const { token: first } = await mint();
    await node.authenticate(first);
    const rotate = () => rotateSigningKeys(app().contextOf(app().people.admin));

    const once = await rotate();
    const { token: second } = await mint();
    expect(await statusOf(first)).toBe(200);
    // The other node has not read the new key yet; this token makes it read the keys.
    expect(await anotherNode(2_000).authenticate(second)).toBeDefined();

    const twice = await rotate();
    expect(once).toHaveLength(2);
    expect(twice).toHaveLength(2);
    expect(twice[1]).toEqual(once[0]);
    await expect(anotherNode().authenticate(first)).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await anotherNode().authenticate(second)).toBeDefined();
  });

  it('no node refuses a token of the newest key, not even one that has just read the keys', async () => {
    const node = anotherNode();
    await mint();
    for (const attempt of [1, 2, 3]) {
      const unknown = await new SignJWT({ ...decodeJwt((await mint()).token) })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid: `unknown-${attempt}` })
        .sign((await generateKeyPair('EdDSA')).privateKey);
      await expect(node.authenticate(unknown)).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });

      await rotateSigningKeys(app().contextOf(app().people.admin));

      expect(await node.authenticate((await mint()).token)).toBeDefined();
    }
  });

  it('is for admins', async () => {
    const attempt = rotateSigningKeys(app().contextOf(app().people.alice));

    expect(await failureOf(attempt)).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('the private key', () => {
  it('is stored encrypted, and a node with another SECRET creates a key of its own', async () => {
    const { token } = await mint();
    const rows = await app().db.prisma.signingKey.findMany();
    const stored = rows.map(({ private_key }) => Buffer.from(private_key).toString('latin1')).join();
    let unreadable = 0;
    const keys = createSigningKeys({
      prisma: servicePrisma(app().db),
      seal: createSeal('quite another secret, which is long enough'),
      now: () => new Date(),
      onUnreadable: () => {
        unreadable += 1;
      },
    });
    const userId = app().people.alice.id;

    const times = { issuedAt: new Date(), expiresAt: new Date(Date.now() + 60_000) };
    const other = await mintToken(keys, { userId, scopes: ['inbox'], ...times });

    expect(stored).not.toContain('PRIVATE KEY');
    expect(unreadable).toBe(1);
    expect(await anotherNode().authenticate(other)).toBeDefined();
    expect(await anotherNode().authenticate(token)).toBeDefined();
  });
});
