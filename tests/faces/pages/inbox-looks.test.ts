import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createNotifications } from '../../../src/notifications/write.ts';
import { axeFaults } from '../../elements/support/axe.ts';
import { isTooWide } from '../../support/browser/contrast.ts';
import { takePicture } from '../../support/browser/pictures.ts';
import { describeInChromium, type Reader, signedIn, signIn, slowly, usePages } from './support/pages-stage.ts';

/** What Robin finds in the inbox, newest first. */
const messages = [
  ['Your export is ready', 'The file has **12,480 rows** and is kept for a week.'],
  ['The build of main failed', 'Two of 1,204 tests failed: *rights of routes*, *reset of a password*.'],
  ['Ada asked for your review', 'The change is about **sessions**. She asks for an answer by Thursday.'],
  ['Invoice 2026-118 is paid', 'Thank you. The receipt is attached to the invoice.'],
  ['Maintenance on Sunday', 'The service is read-only from 06:00 to 06:20.'],
] as const;

/** The states of the pages, in the order in which one person meets them. */
const states: Readonly<Record<string, (page: Page, reader: Reader, url: string) => Promise<unknown>>> = {
  'sign-in': (page) => page.getByRole('button', { name: 'Sign in', exact: true }).waitFor(),
  'sign-in-fault': async (page, robin) => {
    await signIn(page, { ...robin, password: 'another-password' });
    await page.getByRole('alert').getByText('is wrong').waitFor();
  },
  'password-forgotten': async (page) => {
    await page.getByRole('button', { name: 'Forgot password?' }).click();
    await page.getByRole('button', { name: 'Send link' }).waitFor();
  },
  inbox: async (page, robin) => {
    await page.getByRole('button', { name: 'Back to sign-in' }).click();
    await signIn(page, robin);
    await page.getByText(messages[1][0]).first().click();
    await page.getByRole('heading', { name: messages[1][0], level: 2 }).waitFor();
    await page.getByText('Two of 1,204 tests failed').last().waitFor();
  },
  'account-menu': async (page) => {
    await page.getByRole('button', { name: /^Account of / }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  },
  preferences: async (page, _robin, url) => {
    await page.goto(`${url}/preferences`);
    await signedIn(page);
    await page.getByRole('heading', { name: 'What reaches you' }).waitFor();
  },
  offline: async (page, _robin, url) => {
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await page.context().setOffline(true);
    await page.goto(`${url}/inbox`);
    await page.getByRole('heading', { name: 'You are offline' }).waitFor();
  },
};

/** The pages in docs/images. */
const pictures: ReadonlySet<string> = new Set([
  'page-sign-in-light',
  'page-inbox-light',
  'page-inbox-dark',
  'page-inbox-phone',
  'page-preferences-light',
]);

describeInChromium('the pages of the inbox', () => {
  const stage = usePages({
    SMTP_URL: 'smtp://127.0.0.1:1',
    EMAIL_FROM: 'no-reply@example.com',
    OIDC_ISSUER: 'http://127.0.0.1:1',
    OIDC_CLIENT_ID: 'tidings',
  });

  it.each([
    ['light', { colorScheme: 'light', viewport: { width: 1180, height: 760 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 1180, height: 760 } }],
    ['phone', { colorScheme: 'light', viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true }],
  ] as const)(
    'can be read and used by everybody: %s',
    async (look, options) => {
      const { app, person, reader } = stage();
      const robin = await reader();
      await createNotifications(
        app.contextOf(app.people.admin),
        messages.toReversed().map(([subject, message]) => ({ recipient: robin.id, subject, message })),
      );
      const context = await person({ ...options, deviceScaleFactor: 2 });
      const page = await context.newPage();
      await page.goto(`${app.url}/inbox`);
      const faults: Record<string, readonly unknown[]> = {};
      for (const [state, reach] of Object.entries(states)) {
        await reach(page, robin, app.url);
        faults[state] = [
          ...(await axeFaults(page)),
          ...((await isTooWide(page)) ? ['it can be scrolled sideways'] : []),
        ];
        const picture = `page-${state}-${look}`;
        if (pictures.has(picture)) expect(await takePicture(page, picture, { fullPage: false })).toBeLessThan(150_000);
      }

      expect(faults).toEqual(Object.fromEntries(Object.keys(states).map((state) => [state, []])));
      await context.close();
    },
    slowly,
  );
});
