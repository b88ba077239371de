import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readConfig } from '../../../src/read-config.ts';
import { startTestApp, type TestApp, useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { type IdentityProvider, oidcClient, startIdentityProvider } from '../../support/identity-provider.ts';
import { oidcBrowser } from '../../support/oidc-browser.ts';

let provider: IdentityProvider;
let strict: TestApp;
const plain = useTestApp();

beforeAll(async () => {
  provider = await startIdentityProvider();
  strict = await startTestApp({
    PUBLIC_URL: '',
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: oidcClient.client_id,
    OIDC_CLIENT_SECRET: oidcClient.client_secret,
  });
});
afterAll(async () => {
  await strict.stop();
  await provider.stop();
});

const start = () => fetch(`${strict.url}/auth/login/oidc`, { redirect: 'manual' });

it('answers 503 while the provider is away, and everything else works', async () => {
  const away = await start();
  const others = await send(strict, '/users/me', { as: strict.people.admin });
  await provider.open(`${strict.url}/auth/login/oidc/callback`);
  const back = await start();

  expect(away.status).toBe(503);
  expect(await away.text()).toContain('PROVIDER_UNAVAILABLE');
  expect(others.status).toBe(200);
  expect(back.status).toBe(302);
});

it('answers 503 when the provider goes away before the code is exchanged', async () => {
  const redirectUri = `${strict.url}/auth/login/oidc/callback`;
  await provider.open(redirectUri);
  provider.accounts.set('late', {});
  provider.subject = 'late';
  const browser = oidcBrowser(strict);
  const returned = await browser.visit(await browser.begin());
  provider.close();
  const reply = await browser.open(returned);
  await provider.open(redirectUri);

  expect(reply.status).toBe(503);
});

it('creates and finds nobody by e-mail unless that is allowed', async () => {
  await provider.open(`${strict.url}/auth/login/oidc/callback`);
  provider.accounts.set('alice', { email: 'alice@example.com', email_verified: true });
  provider.subject = 'alice';
  const count = () => strict.db.prisma.user.count();
  const before = await count();
  const reply = await oidcBrowser(strict).signIn();

  expect(reply.status).toBe(403);
  expect(await reply.text()).toContain('UNKNOWN_USER');
  expect(await count()).toBe(before);
});

it('leaves roles as they are without a claim for them', async () => {
  await provider.open(`${strict.url}/auth/login/oidc/callback`);
  const { id } = strict.people.admin;
  await strict.db.prisma.userIdentity.create({ data: { issuer: provider.issuer, subject: 'chief', user_id: id } });
  provider.accounts.set('chief', { groups: ['visitors'] });
  provider.subject = 'chief';
  const browser = oidcBrowser(strict);
  await browser.signIn();
  const reply = await browser.service.fetch(`${strict.url}/users/me?fields=id,role`);

  expect(await reply.json()).toEqual({ data: { id, role: 'admin' } });
});

it('says so when no provider is configured', async () => {
  for (const path of ['/auth/login/oidc', '/auth/login/oidc/callback?code=a&state=b']) {
    const { status, body } = await send(plain(), path);

    expect(status).toBe(404);
    expect(body).toContain('NOT_CONFIGURED');
  }
});

it.each([
  [{ OIDC_ISSUER: 'https://login.example.com' }, 'OIDC_CLIENT_ID'],
  [{ OIDC_ISSUER: 'http://login.example.com', OIDC_CLIENT_ID: 'tidings' }, 'OIDC_ISSUER'],
  [{ OIDC_ROLE_CLAIM: 'groups' }, 'OIDC_ROLE_MAP'],
  [{ OIDC_ROLE_MAP: 'staff=owner' }, 'OIDC_ROLE_MAP'],
  [{ OIDC_SCOPES: 'email' }, 'OIDC_SCOPES'],
  [{ OIDC_REDIRECT_ALLOW_LIST: 'app.example.com' }, 'OIDC_REDIRECT_ALLOW_LIST'],
])('refuses settings that do not fit together: %j', (given, variable) => {
  expect(() => readConfig(given)).toThrow(variable);
});
