import { expect, it } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { createNotifications } from '../../../src/notifications/write.ts';
import { isTooWide } from '../../support/browser/contrast.ts';
import { graphql } from '../../support/client.ts';
import { describeInChromium, type Reader, signedIn, signIn, slowly, until, usePages } from './support/pages-stage.ts';

/** Records what the page sets on the icon of the application: a number, or nothing. */
const recordBadge = `
Object.defineProperties(navigator, {
  setAppBadge: { value: async (count) => { window.badge = count; } },
  clearAppBadge: { value: async () => { window.badge = 0; } },
});`;
const badgeIs = (page: Page, count: number) => until(page, `window.badge === ${count}`);
const titleIs = (page: Page, title: string) => until(page, `document.title === ${JSON.stringify(title)}`);
/** The heading of the open notification. */
const heading = (page: Page, subject: string) => page.getByRole('heading', { name: subject, level: 2 });

describeInChromium('the page of the inbox', () => {
  const stage = usePages();

  /** Somebody with these notifications. */
  async function readerOf(...subjects: readonly string[]): Promise<{ robin: Reader; uuids: string[] }> {
    const { app, reader } = stage();
    const robin = await reader();
    await createNotifications(
      app.contextOf(app.people.admin),
      subjects.map((subject) => ({ recipient: robin.id, subject, message: `About **${subject}**.` })),
    );
    const rows = await app.db.prisma.notification.findMany({
      where: { recipient_id: robin.id },
      orderBy: { id: 'asc' },
      select: { uuid: true },
    });
    return { robin, uuids: rows.map(({ uuid }) => uuid) };
  }

  async function open(path: string, options?: BrowserContextOptions) {
    const { app, person } = stage();
    const context = await person(options);
    await context.addInitScript(recordBadge);
    const page = await context.newPage();
    await page.goto(app.url + path);
    return { context, page };
  }

  it(
    'a link to one notification opens it after the sign-in, and again in a new tab',
    async () => {
      const { app, faults } = stage();
      const { robin, uuids } = await readerOf('Invoice 7', 'Build failed');
      const { context, page } = await open(`/inbox/${uuids[0]}`);
      await signIn(page, robin);
      await heading(page, 'Invoice 7').waitFor();
      const second = await context.newPage();
      await second.goto(`${app.url}/inbox/${uuids[1]}`);
      await heading(second, 'Build failed').waitFor();

      expect(page.url()).toBe(`${app.url}/inbox/${uuids[0]}`);
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it(
    'the address follows the open notification, and the back button leads to the list',
    async () => {
      const { app } = stage();
      const { robin, uuids } = await readerOf('Invoice 8', 'Build passed');
      const { context, page } = await open('/inbox');
      await signIn(page, robin);
      await page.getByText('Invoice 8').first().click();
      await page.waitForURL(`${app.url}/inbox/${uuids[0]}`);
      await page.getByText('Build passed').first().click();
      await page.waitForURL(`${app.url}/inbox/${uuids[1]}`);
      await page.goBack();
      await page.waitForURL(`${app.url}/inbox`);
      await heading(page, 'Build passed').waitFor({ state: 'detached' });
      await page.goForward();
      await heading(page, 'Build passed').waitFor();

      expect(page.url()).toBe(`${app.url}/inbox/${uuids[1]}`);
      await context.close();
    },
    slowly,
  );

  it(
    'a link by the id of a notification works as well',
    async () => {
      const { app } = stage();
      const { robin, uuids } = await readerOf('Invoice 9');
      const { id } = await app.db.prisma.notification.findUniqueOrThrow({ where: { uuid: uuids[0] ?? '' } });
      const { context, page } = await open(`/inbox/${id}`);
      await signIn(page, robin);
      await heading(page, 'Invoice 9').waitFor();

      await context.close();
    },
    slowly,
  );

  it(
    'a link to the notification of somebody else opens nothing of it',
    async () => {
      const { uuids } = await readerOf('Secret of another');
      const { robin } = await readerOf('Own one');
      const { context, page } = await open(`/inbox/${uuids[0]}`);
      await signIn(page, robin);
      await page.getByText('Own one').first().waitFor();
      await page.getByText('This notification is not there').waitFor();

      expect(await page.getByText('Secret of another').count()).toBe(0);
      await context.close();
    },
    slowly,
  );

  it(
    'title and icon show the unread notifications as the service counts them, and nothing after the sign-out',
    async () => {
      const { app } = stage();
      const { robin, uuids } = await readerOf('One', 'Two', 'Three');
      const { context, page } = await open('/inbox');
      await signIn(page, robin);
      await titleIs(page, '(3) Inbox · Tidings');
      await badgeIs(page, 3);
      // Read elsewhere.
      await graphql(app, robin, 'mutation ($data: change_inbox_input!) { change_inbox(data: $data) { changed } }', {
        data: { action: 'read', ids: [uuids[0]] },
      });
      await badgeIs(page, 2);
      await titleIs(page, '(2) Inbox · Tidings');
      await page.getByRole('button', { name: 'Account of Robin Reader' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await badgeIs(page, 0);
      await titleIs(page, 'Sign in · Tidings');

      await context.close();
    },
    slowly,
  );

  it(
    'fits a phone, on which the menu leads to the preferences and changes the colours',
    async () => {
      const { app, faults } = stage();
      const { robin } = await readerOf('Hello');
      const { context, page } = await open('/inbox', {
        viewport: { width: 360, height: 740 },
        hasTouch: true,
        isMobile: true,
      });
      expect(await isTooWide(page)).toBe(false);
      await signIn(page, robin);
      await page.getByText('Hello').first().waitFor();
      expect(await isTooWide(page)).toBe(false);
      const account = page.getByRole('button', { name: 'Account of Robin Reader' });
      await account.tap();
      await page.getByRole('radio', { name: 'Dark' }).tap();
      // The browser clicks some time after the fingers have left the screen.
      await until(page, 'getComputedStyle(document.documentElement).colorScheme === "dark"');
      expect(await page.locator('tidings-inbox').getAttribute('theme')).toBe('dark');
      await page.getByRole('link', { name: 'Preferences' }).tap();
      await page.waitForURL(`${app.url}/preferences`);
      await page.getByRole('heading', { name: 'Notification settings' }).waitFor();
      expect(await isTooWide(page)).toBe(false);
      expect(await page.locator('tidings-preferences').getAttribute('theme')).toBe('dark');
      await page.reload();
      await signedIn(page);

      expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it(
    'the menu works by keyboard alone, and gives the focus back',
    async () => {
      const { robin } = await readerOf('Hello');
      const { context, page } = await open('/preferences');
      await signIn(page, robin);
      await signedIn(page);
      const account = page.getByRole('button', { name: 'Account of Robin Reader' });
      await account.press('Enter');
      await page.getByRole('link', { name: 'Inbox' }).waitFor();
      expect(await account.getAttribute('aria-expanded')).toBe('true');
      await page.keyboard.press('Escape');
      expect(await account.getAttribute('aria-expanded')).toBe('false');
      expect(await account.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/inbox$/);

      await context.close();
    },
    slowly,
  );
});
