import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type IdentityProvider, oidcClient, startIdentityProvider } from '../../support/identity-provider.ts';
import { describeInChromium, type PagesStage, signedIn, slowly, startPages } from './support/pages-stage.ts';

const item = '/inbox/0197a3c0-0000-7000-8000-000000000001';

describeInChromium('signing in on the page of the inbox at an identity provider', () => {
  let provider: IdentityProvider;
  let stage: PagesStage;
  beforeAll(async () => {
    provider = await startIdentityProvider();
    stage = await startPages({
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: oidcClient.client_id,
      OIDC_CLIENT_SECRET: oidcClient.client_secret,
      OIDC_LINK_BY_EMAIL: 'true',
    });
    await provider.open(`${stage.app.url}/auth/login/oidc/callback`);
  }, slowly);
  afterAll(async () => {
    await stage?.stop();
    await provider?.stop();
  }, slowly);

  const follow = (page: Page) => page.getByRole('link', { name: 'Sign in with single sign-on' }).click();

  it(
    'leads back to the address that was asked for',
    async () => {
      const { app, person, reader, faults } = stage;
      const { email } = await reader();
      provider.accounts.set(email, { email, email_verified: true });
      provider.subject = email;
      const context = await person();
      const page = await context.newPage();
      await page.goto(app.url + item);
      await follow(page);
      await signedIn(page);

      expect(page.url()).toBe(app.url + item);
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it(
    'tells in words why it failed, at the same address',
    async () => {
      const { app, person } = stage;
      provider.accounts.set('stranger', { email: 'stranger@example.com', email_verified: true });
      provider.subject = 'stranger';
      const context = await person();
      const page = await context.newPage();
      await page.goto(app.url + item);
      await follow(page);
      await page.getByRole('status').getByText('You have no account here.').waitFor();

      expect(page.url()).toBe(app.url + item);
      await context.close();
    },
    slowly,
  );
});
