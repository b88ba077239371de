import { expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { createNotifications } from '../../../src/notifications/write.ts';
import { graphql } from '../../support/client.ts';
import { patience } from '../../support/patience.ts';
import { describeInChromium, signedIn, signIn, slowly, usePages } from './support/pages-stage.ts';

const tokenOf = async (context: BrowserContext) =>
  (await context.cookies()).find(({ name }) => name === 'directus_session_token')?.value;
const pathOf = (page: Page) => new URL(page.url()).pathname;
const notice = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();

describeInChromium('the session of the pages', () => {
  const stage = usePages({ SESSION_COOKIE_TTL: '16s' });

  async function somebodySignedIn(path: string) {
    const { app, person, reader } = stage();
    const [context, robin] = [await person(), await reader()];
    const page = await context.newPage();
    await page.goto(app.url + path);
    await signIn(page, robin);
    await signedIn(page);
    return { context, page, robin };
  }

  it(
    'is renewed before it expires, and the inbox stays live',
    async () => {
      const { app, faults } = stage();
      const { context, page, robin } = await somebodySignedIn('/inbox');
      for (let renewal = 0; renewal < 2; renewal += 1) {
        const before = await tokenOf(context);
        await expect(poll(async () => (await tokenOf(context)) !== before)).resolves.toBe(true);
      }
      await createNotifications(app.contextOf(app.people.admin), [
        { recipient: robin.id, subject: 'After two renewals' },
      ]);
      await page.getByText('After two renewals').first().waitFor();

      await signedIn(page);
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it(
    'that was revoked asks to sign in again, at the same address',
    async () => {
      const { app, faults } = stage();
      const { context, page, robin } = await somebodySignedIn('/inbox/0197a3c0-0000-7000-8000-000000000001');
      const { body } = await graphql(
        app,
        app.people.admin,
        'mutation ($user: ID!) { revoke_user_sessions(user: $user) { __typename } }',
        { user: robin.id },
      );
      expect(body.errors).toBeUndefined();
      await notice(page, 'Your session has ended. Please sign in again.');
      expect(pathOf(page)).toBe('/inbox/0197a3c0-0000-7000-8000-000000000001');
      await signIn(page, robin);
      await signedIn(page);

      expect(pathOf(page)).toBe('/inbox/0197a3c0-0000-7000-8000-000000000001');
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it(
    'ends in all tabs with a sign-out in one, and begins in all with a sign-in in one',
    async () => {
      const { app } = stage();
      const { context, page, robin } = await somebodySignedIn('/inbox');
      const other = await context.newPage();
      await other.goto(`${app.url}/preferences`);
      await signedIn(other);
      await page.getByRole('button', { name: 'Account of Robin Reader' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await notice(page, 'You are signed out.');
      await other.getByLabel('Password').waitFor();
      const remaining = await context.cookies();
      await signIn(other, robin);
      await signedIn(other);
      await signedIn(page);

      expect(remaining).toEqual([]);
      expect([pathOf(page), pathOf(other)]).toEqual(['/inbox', '/preferences']);
      await context.close();
    },
    slowly,
  );

  it(
    'cannot be begun or ended by a page of another site',
    async () => {
      const { app } = stage();
      const { context, robin } = await somebodySignedIn('/inbox');
      const token = await tokenOf(context);
      for (const path of ['/auth/logout', '/auth/login', '/auth/refresh']) {
        const answer = await fetch(app.url + path, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            origin: 'https://elsewhere.example.com',
            cookie: `directus_session_token=${token}`,
          },
          body: JSON.stringify({ mode: 'session', email: robin.email, password: robin.password }),
        });

        expect([path, answer.status, answer.headers.getSetCookie()]).toEqual([path, 403, []]);
      }
      await context.close();
    },
    slowly,
  );
});

/** Asks until the answer is true. */
async function poll(ask: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    if (await ask()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
