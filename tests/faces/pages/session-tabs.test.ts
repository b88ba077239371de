import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { promiseWithResolvers } from '../../../src/promises.ts';
import { describeInChromium, signedIn, signIn, slowly, usePages } from './support/pages-stage.ts';

/** Holds the next answer to the question who is signed in. */
async function holdAnswer(page: Page) {
  const [answered, released] = [promiseWithResolvers<void>(), promiseWithResolvers<void>()];
  let isHeld = false;
  await page.route('**/graphql/system', async (route) => {
    if (isHeld || !route.request().postData()?.includes('expires_at')) return route.continue();
    isHeld = true;
    const response = await route.fetch();
    answered.resolve();
    await released.promise;
    return route.fulfill({ response });
  });
  return { answered: answered.promise, release: released.resolve };
}

describeInChromium('the session of several tabs', () => {
  const stage = usePages();

  it(
    'ends in a tab that gets an answer from before the sign-out after it',
    async () => {
      const { app, person, reader, faults } = stage();
      const context = await person();
      const [page, other] = [await context.newPage(), await context.newPage()];
      await page.goto(`${app.url}/inbox`);
      await signIn(page, await reader());
      await signedIn(page);
      await other.goto(`${app.url}/preferences`);
      await signedIn(other);
      await other.evaluate(`new Promise((listening) => {
        globalThis.told = new Promise((resolve) => {
          new BroadcastChannel('tidings-session /').addEventListener('message', resolve);
          listening();
        }).then(() => undefined);
      })`);

      const { answered, release } = await holdAnswer(other);
      await other.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
      await answered;
      await page.getByRole('button', { name: 'Account of Robin Reader' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await other.evaluate('globalThis.told');
      release();

      await other.getByLabel('Password').waitFor();
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );
});
