import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewIssuer } from '../../src/tokens/issuers.ts';
import { saveIssuer } from '../../src/tokens/issuers.ts';
import { failureOf } from '../notifications/people.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';
import { aKey, aToken, audience, issuerName, startProvider } from './identity-provider.ts';

const key = await aKey('ES256', 'one');
const configured = 'https://settings.example.com';
const secret = 'a secret that both sides know, long enough';
let app: TestApp;
let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  provider = await startProvider([key]);
  app = await startTestApp({
    JWT_ISSUER: configured,
    JWT_SECRET: secret,
    JWT_AUDIENCE: audience,
    JWT_CREATE_USERS: 'true',
    SECRET: 'a secret for the database, long enough too',
  });
});
afterAll(() => Promise.all([provider.stop(), app.stop()]));

const save = `mutation ($data: save_issuer_input!) {
  save_issuer(data: $data) { id issuer jwks_url has_secret audience scopes creates_users } }`;
const all = '{ issuers { id issuer has_secret } }';
const inbox = '{ inbox { total_count } }';
const as = (token: string) => ({ id: '', token });

describe('the issuer that environment variables configure', () => {
  it('signs in the users of the application, and creates them', async () => {
    const shared = { kid: 'any', alg: 'HS256', privateKey: new TextEncoder().encode(secret) };
    const token = await aToken(shared, { iss: configured, sub: 'a new user', email: 'new@example.com', name: 'Nora' });

    const { status } = await send(app, '/notifications', { as: as(token) });
    const me = await send(app, '/users/me?fields=first_name,email,role', { as: as(token) });

    expect(status).toBe(200);
    expect(me.body.data).toEqual({ first_name: 'Nora', email: 'new@example.com', role: 'member' });
  });

  it('answers an expired token with 401 and TOKEN_EXPIRED', async () => {
    const shared = { kid: 'any', alg: 'HS256', privateKey: new TextEncoder().encode(secret) };
    const token = await aToken(shared, { iss: configured, exp: 1 });

    for (const reply of [await graphql(app, as(token), inbox), await send(app, '/notifications', { as: as(token) })]) {
      expect(reply.status).toBe(401);
      expect(reply.body.errors[0].extensions.code).toBe('TOKEN_EXPIRED');
    }
    expect((await send(app, '/api/v2/notifications/inbox', { as: as(token) })).status).toBe(401);
  });
});

describe('save_issuer', () => {
  it('accepts the tokens of an issuer until it is deleted', async () => {
    const { admin, alice } = app.people;
    const data = { issuer: issuerName, jwks_url: provider.url, audience: [audience], user_key: 'id' };
    const token = await aToken(key, { sub: alice.id });
    expect((await graphql(app, as(token), inbox)).status).toBe(401);

    const saved = (await graphql(app, admin, save, { data })).body.data.save_issuer;

    expect(saved).toMatchObject({
      issuer: issuerName,
      has_secret: false,
      scopes: ['inbox', 'preferences'],
      creates_users: false,
    });
    expect((await graphql(app, as(token), inbox)).status).toBe(200);
    expect((await graphql(app, admin, all)).body.data.issuers).toEqual([
      { id: null, issuer: configured, has_secret: true },
      { id: saved.id, issuer: issuerName, has_secret: false },
    ]);
    await graphql(app, admin, 'mutation ($id: ID!) { delete_issuer(id: $id) { id } }', { id: saved.id });
    const other = await aToken(key, { sub: alice.id, jti: 'another' });
    expect((await graphql(app, as(other), inbox)).status).toBe(401);
  });

  it('stores a secret encrypted and does not return it', async () => {
    const { admin } = app.people;
    const data = { issuer: 'https://shared.example.com', secret, audience: [audience] };

    const { body } = await graphql(app, admin, save, { data });

    expect(body.data.save_issuer).toMatchObject({ has_secret: true });
    const [row] = await app.db.prisma.tokenIssuer.findMany({ where: { issuer: data.issuer } });
    expect(Buffer.from(row?.secret ?? []).toString('latin1')).not.toContain(secret);
  });

  it.each<[string, Partial<NewIssuer>, string]>([
    ['the name of the service', { issuer: 'tidings' }, 'issuer'],
    ['the name that a variable configures', { issuer: configured }, 'issuer'],
    ['both keys and a secret', { secret }, 'jwks_url'],
    ['neither keys nor a secret', { jwks_url: null }, 'jwks_url'],
    ['a file as address', { jwks_url: 'file:///etc/passwd' }, 'jwks_url'],
    ['a short secret', { jwks_url: null, secret: 'short' }, 'secret'],
    ['no audience', { audience: [] }, 'audience'],
    ['a clock skew of an hour', { clock_skew: 3600 }, 'clock_skew'],
    ['no scopes', { scopes: [] }, 'scopes'],
    ['an empty claim', { user_claim: '' }, 'user_claim'],
  ])('refuses %s', async (_what, given, field) => {
    const usual = { issuer: 'https://other.example.com', jwks_url: provider.url, audience: [audience] };

    const attempt = saveIssuer(app.contextOf(app.people.admin), { ...usual, ...given });

    await expect(attempt).rejects.toMatchObject({ code: 'FAILED_VALIDATION', extensions: { field } });
  });

  it('is for admins', async () => {
    const { alice } = app.people;
    const given = { issuer: 'https://other.example.com', jwks_url: provider.url, audience: [audience] };

    expect(await failureOf(saveIssuer(app.contextOf(alice), given))).toMatchObject({ code: 'FORBIDDEN' });
    expect((await graphql(app, alice, all)).body.errors[0].extensions.code).toBe('FORBIDDEN');
  });
});
