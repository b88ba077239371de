import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type IdentityProvider, oidcClient, startIdentityProvider } from '../../support/identity-provider.ts';
import { type OidcBrowser, oidcBrowser } from '../../support/oidc-browser.ts';

let provider: IdentityProvider;
let app: TestApp;

beforeAll(async () => {
  provider = await startIdentityProvider();
  app = await startTestApp({
    PUBLIC_URL: '',
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: oidcClient.client_id,
    OIDC_CLIENT_SECRET: oidcClient.client_secret,
    OIDC_ROLE_CLAIM: 'groups',
    OIDC_ROLE_MAP: 'chiefs=admin,support=operator,auditors=reader',
    OIDC_ALLOW_SIGN_UP: 'true',
    OIDC_LINK_BY_EMAIL: 'true',
    OIDC_REDIRECT_ALLOW_LIST: 'https://app.example.com/signed-in',
  });
  await provider.open(`${app.url}/auth/login/oidc/callback`);
});
afterAll(async () => {
  await app.stop();
  await provider.stop();
});

const account = (subject: string, claims: Readonly<Record<string, unknown>>) => {
  provider.accounts.set(subject, claims);
  provider.subject = subject;
};
const me = async ({ service }: OidcBrowser) => {
  const reply = await service.fetch(`${app.url}/users/me?fields=id,email,first_name,last_name,role`);
  return ((await reply.json()) as { readonly data: Record<string, unknown> }).data;
};
const failureOf = async (reply: Response) => ({
  status: reply.status,
  code: /<code>(\w+)<\/code>/.exec(await reply.text())?.[1],
});
const suspend = (id: string) => app.db.prisma.user.update({ where: { id }, data: { status: 'suspended' } });

describe('signing in with OpenID Connect', () => {
  it('creates a user with the verified claims, and starts a session', async () => {
    account('new-user', {
      email: 'New.User@example.com',
      email_verified: true,
      given_name: 'New',
      family_name: 'User',
    });
    const browser = oidcBrowser(app);
    const reply = await browser.signIn();

    expect(reply.status).toBe(302);
    expect(reply.headers.get('location')).toBe(`${app.url}/`);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(Object.keys(browser.service.cookies)).toEqual(['directus_session_token']);
    expect(await me(browser)).toMatchObject({
      email: 'new.user@example.com',
      first_name: 'New',
      last_name: 'User',
      role: 'member',
    });
  });

  it.each([
    ['chiefs', 'admin'],
    ['support', 'operator'],
    ['auditors', 'reader'],
    ['visitors', 'member'],
  ])('gives the group %s the role %s', async (group, role) => {
    account(`of-${group}`, { groups: ['others', group] });
    const browser = oidcBrowser(app);
    await browser.signIn();

    expect(await me(browser)).toMatchObject({ role });
  });

  it('finds the user again by the subject, and changes the role with the claim', async () => {
    account('moving', { email: 'before@example.com', email_verified: true, groups: ['support', 'chiefs'] });
    const first = oidcBrowser(app);
    await first.signIn();
    const before = await me(first);
    account('moving', { email: 'after@example.com', email_verified: true, groups: 'auditors' });
    const second = oidcBrowser(app);
    await second.signIn();

    expect(before).toMatchObject({ role: 'admin' });
    expect(await me(second)).toEqual({ ...before, role: 'reader' });
    expect(await me(first)).toMatchObject({ role: 'reader' });
  });

  it('leaves the last admin an admin', async () => {
    const { id } = app.people.admin;
    await app.db.prisma.user.updateMany({ where: { role: 'admin', id: { not: id } }, data: { role: 'member' } });
    await app.db.prisma.userIdentity.create({ data: { issuer: provider.issuer, subject: 'last-admin', user_id: id } });
    account('last-admin', { groups: ['visitors'] });
    const browser = oidcBrowser(app);
    await browser.signIn();

    expect(await me(browser)).toMatchObject({ id, role: 'admin' });
  });

  it('finds a user by a verified e-mail address, and only by such a one', async () => {
    account('bob-at-work', { email: 'Bob@Example.com', email_verified: true });
    const browser = oidcBrowser(app);
    await browser.signIn();
    account('impostor', { email: 'alice@example.com', email_verified: false });
    const impostor = oidcBrowser(app);
    await impostor.signIn();

    expect(await me(browser)).toMatchObject({ id: app.people.bob.id });
    expect(await me(impostor)).toMatchObject({ email: null, role: 'member' });
    expect(await me(impostor)).not.toMatchObject({ id: app.people.alice.id });
  });

  it('signs in a new user once, however many sign-ins arrive together', async () => {
    account('hasty', { email: 'hasty@example.com', email_verified: true });
    const browsers = Array.from({ length: 4 }, () => oidcBrowser(app));
    const returns = await Promise.all(browsers.map(async (one) => one.visit(await one.begin())));
    await Promise.all(browsers.map((one, index) => one.open(returns[index] ?? new URL(app.url))));
    const users = await Promise.all(browsers.map(me));

    expect(users[0]).toMatchObject({ email: 'hasty@example.com' });
    expect(new Set(users.map((user) => user['id'])).size).toBe(1);
  });

  it('refuses a suspended user, and starts no session', async () => {
    account('leaver', { email: 'leaver@example.com', email_verified: true });
    const browser = oidcBrowser(app);
    await browser.signIn();
    await suspend(String((await me(browser))['id']));
    const again = oidcBrowser(app);

    expect(await failureOf(await again.signIn())).toEqual({ status: 403, code: 'INACTIVE_USER' });
    expect(again.service.cookies).toEqual({});
  });

  it('keeps state, nonce and verifier in a cookie that scripts and other sites cannot read', async () => {
    const { headers } = await fetch(`${app.url}/auth/login/oidc`, { redirect: 'manual' });
    const url = new URL(headers.get('location') ?? '');

    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^tidings_oidc=[\w.-]+; Max-Age=600; Path=\/auth\/login\/oidc; HttpOnly; SameSite=Lax$/),
    ]);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'tidings',
      response_type: 'code',
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      redirect_uri: `${app.url}/auth/login/oidc/callback`,
    });
  });
});

describe('returning from the provider', () => {
  beforeAll(() => account('returning', { email: 'returning@example.com', email_verified: true }));

  it('sends the browser to the address that it came with', async () => {
    for (const [redirect, expected] of [
      ['/docs?page=2', `${app.url}/docs?page=2`],
      ['https://app.example.com/signed-in?from=tidings', 'https://app.example.com/signed-in?from=tidings'],
    ] as const) {
      const reply = await oidcBrowser(app).signIn(redirect);

      expect(reply.headers.get('location')).toBe(expected);
    }
  });

  it.each([
    'https://evil.example.com/',
    '//evil.example.com/',
    '/\\evil.example.com',
    'https://app.example.com/other',
    'https://app.example.com.evil.example.com/signed-in',
    'https://name@app.example.com/signed-in',
    'javascript:alert(1)',
    `/${'a'.repeat(2000)}`,
  ])('refuses to return to an address that is not allowed (%#)', async (redirect) => {
    const path = `/auth/login/oidc?redirect=${encodeURIComponent(redirect)}`;
    const reply = await fetch(app.url + path, { redirect: 'manual' });

    expect(await failureOf(reply)).toEqual({ status: 400, code: 'INVALID_REDIRECT' });
    expect(reply.headers.getSetCookie()).toEqual([]);
  });

  it('refuses another state, a missing cookie and a cookie that it did not write', async () => {
    const browser = oidcBrowser(app);
    const returned = await browser.visit(await browser.begin());
    const forged = new URL(returned);
    forged.searchParams.set('state', 'of-somebody-else');
    const other = oidcBrowser(app);
    const expected = { status: 400, code: 'SIGN_IN_EXPIRED' };

    expect(await failureOf(await browser.open(forged))).toEqual(expected);
    expect(await failureOf(await other.open(returned))).toEqual(expected);
    other.service.cookies['tidings_oidc'] = 'eyJhbGciOiJub25lIn0.e30.';
    expect(await failureOf(await other.open(returned))).toEqual(expected);
    expect((await browser.open(returned)).status).toBe(302);
  });

  it('refuses a code that was used, even with the cookie of its sign-in', async () => {
    const browser = oidcBrowser(app);
    const returned = await browser.visit(await browser.begin());
    const flow = browser.service.cookies['tidings_oidc'] ?? '';
    await browser.open(returned);
    const replay = oidcBrowser(app);
    replay.service.cookies['tidings_oidc'] = flow;

    expect(await failureOf(await replay.open(returned))).toEqual({ status: 403, code: 'PROVIDER_REFUSED' });
    expect(replay.service.cookies).toEqual({});
  });

  it.each(['nonce', 'code_challenge'])('refuses a code that was issued for another %s', async (parameter) => {
    const browser = oidcBrowser(app);
    const url = await browser.begin();
    url.searchParams.set(parameter, 'a'.repeat(43));

    expect(await failureOf(await browser.open(await browser.visit(url)))).toEqual({
      status: 403,
      code: 'PROVIDER_REFUSED',
    });
  });

  it('refuses the answer of another issuer, and one without a code', async () => {
    for (const [parameter, value] of [
      ['iss', 'https://evil.example.com'],
      ['error', 'access_denied'],
    ] as const) {
      const browser = oidcBrowser(app);
      const returned = await browser.visit(await browser.begin());
      returned.searchParams.set(parameter, value);
      if (parameter === 'error') returned.searchParams.delete('code');

      expect(await failureOf(await browser.open(returned))).toEqual({ status: 403, code: 'PROVIDER_REFUSED' });
    }
  });

  it('tells the reason to the page that it returns to', async () => {
    const browser = oidcBrowser(app);
    const url = await browser.begin('https://app.example.com/signed-in');
    url.searchParams.set('nonce', 'another');
    const reply = await browser.open(await browser.visit(url));

    expect(reply.headers.get('location')).toBe('https://app.example.com/signed-in?reason=PROVIDER_REFUSED');
    expect(browser.service.cookies).toEqual({});
  });

  it('does not use up a code for a HEAD request', async () => {
    const browser = oidcBrowser(app);
    const returned = await browser.visit(await browser.begin());
    await browser.service.fetch(returned, { method: 'HEAD', redirect: 'manual' });

    expect((await browser.open(returned)).status).toBe(302);
  });
});
