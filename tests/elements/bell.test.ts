import { expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { axeFaults } from './support/axe.ts';
import { describeElements, type Stage } from './support/stage.ts';

const bellOf = (page: Page): Locator => page.locator('tidings-bell [part=button]');
const badgeOf = (page: Page): Locator => page.locator('tidings-bell [part=badge]');
const popoverOf = (page: Page): Locator => page.locator('tidings-bell [part=popover]');
const named = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

/** Waits until the bell, and not its popover, has the focus. */
const focusOnBell = (page: Page) => page.locator('tidings-bell [part=button]:focus').waitFor();

const watchEvents = `globalThis.heard = [];
  for (const name of ['tidings-counts', 'tidings-toggle'])
    addEventListener(name, ({ type, detail }) => heard.push([type, detail]));`;

describeElements('the bell', (stage: Stage) => {
  it('shows how many notifications are new, and says in words how many are unread', async () => {
    const alice = await stage.aUser('First', 'Second');
    const device = await stage.device(alice);

    const page = await device.open('<tidings-bell></tidings-bell>');
    await named(page, 'Notifications, 2 new, 2 unread').waitFor();
    expect(await badgeOf(page).textContent()).toBe('2');

    await stage.ask(alice, 'mutation { mark_inbox_seen { unseen_count } }');
    await named(page, 'Notifications, 2 unread').waitFor();
    expect(await badgeOf(page).textContent()).toBe('');
  });

  it('follows the inbox, up to 99+', async () => {
    const alice = await stage.aUser(...Array.from({ length: 99 }, (_, index) => `Message ${index}`));
    const device = await stage.device(alice);

    const page = await device.open('<tidings-bell></tidings-bell>');
    await badgeOf(page).getByText('99', { exact: true }).waitFor();
    await stage.notify(alice, 'One more');

    await badgeOf(page).getByText('99+', { exact: true }).waitFor();
    await named(page, 'Notifications, 100 new, 100 unread').waitFor();
  });

  it('announces what arrives, politely', async () => {
    const alice = await stage.aUser('First');
    const device = await stage.device(alice);

    const page = await device.open('<tidings-bell></tidings-bell>');
    await named(page, 'Notifications, 1 new, 1 unread').waitFor();
    expect(await page.getByRole('status').textContent()).toBe('');
    await stage.notify(alice, 'Second');

    await page.getByRole('status').getByText('2 new notifications').waitFor();
  });

  it('with count="unread" shows the unread ones', async () => {
    const alice = await stage.aUser('First', 'Second');
    await stage.ask(alice, 'mutation { mark_inbox_seen { unseen_count } }');
    const device = await stage.device(alice);

    const page = await device.open('<tidings-bell count="unread"></tidings-bell>');

    await badgeOf(page).getByText('2', { exact: true }).waitFor();
    await named(page, 'Notifications, 2 unread').waitFor();
  });

  it('opens the inbox as a dialog, marks everything as seen but not as read, and tells the page', async () => {
    const alice = await stage.aUser('First', 'Second');
    const device = await stage.device(alice);
    const page = await device.open('<tidings-bell></tidings-bell>', { script: watchEvents });

    await named(page, 'Notifications, 2 new, 2 unread').click();
    await page.getByRole('dialog').getByText('Second').waitFor();
    await named(page, 'Notifications, 2 unread').waitFor();

    expect(await bellOf(page).getAttribute('aria-expanded')).toBe('true');
    const counts = { unread: 2, total: 2, saved: 0, snoozed: 0 };
    expect(await page.evaluate('heard')).toEqual([
      ['tidings-counts', { ...counts, unseen: 2 }],
      ['tidings-toggle', { open: true }],
      ['tidings-counts', { ...counts, unseen: 0 }],
    ]);
  });

  it('is used with the keyboard alone: opens, closes by Escape, and has the focus again', async () => {
    const device = await stage.device(await stage.aUser('First'));
    const page = await device.open('<tidings-bell></tidings-bell><button>Other</button>');
    await named(page, 'Notifications, 1 new, 1 unread').waitFor();

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await popoverOf(page).locator('tidings-inbox').waitFor();
    expect(await page.evaluate('document.activeElement.shadowRoot.activeElement.closest(".popover") !== null')).toBe(
      true,
    );
    await page.keyboard.press('Escape');

    await popoverOf(page).waitFor({ state: 'hidden' });
    await focusOnBell(page);
    // The browser gives the focus back before it tells that the popover is closed.
    await page.locator('tidings-bell [part=button][aria-expanded=false]').waitFor();
    await page.keyboard.press('Space');
    await popoverOf(page).waitFor();
  });

  it('closes by a second click and by a click elsewhere', async () => {
    const device = await stage.device(await stage.aUser());
    const page = await device.open('<tidings-bell></tidings-bell>');

    for (const close of [() => bellOf(page).click(), () => page.mouse.click(900, 700)]) {
      await bellOf(page).click();
      await popoverOf(page).waitFor();
      await close();
      await popoverOf(page).waitFor({ state: 'hidden' });
      await focusOnBell(page);
    }
  });

  it('closed directly after it was opened, is closed, and the bell has the focus again', async () => {
    const device = await stage.device(await stage.aUser());
    const page = await device.open('<tidings-bell></tidings-bell>');
    await bellOf(page).hover();
    await popoverOf(page).waitFor({ state: 'attached' });

    // The browser tells of both at once.
    await page.evaluate(`(async () => {
      const bell = document.querySelector('tidings-bell');
      await bell.show();
      bell.hide();
    })()`);

    await popoverOf(page).waitFor({ state: 'hidden' });
    await focusOnBell(page);
    expect(await page.evaluate('document.querySelector("tidings-bell").open')).toBe(false);
  });

  it('with href is a link', async () => {
    const device = await stage.device(await stage.aUser('First'));

    const page = await device.open('<tidings-bell href="/inbox"></tidings-bell>');
    const link = page.getByRole('link', { name: 'Notifications, 1 new, 1 unread' });
    await link.waitFor();

    expect(await link.getAttribute('href')).toBe('/inbox');
    expect(await popoverOf(page).count()).toBe(0);
  });

  it('says when the token is refused', async () => {
    const device = await stage.device(await stage.aUser());

    const page = await device.open(
      `<tidings-bell url="${device.service}/graphql/system" token="wrong"></tidings-bell>`,
      { isConfigured: false },
    );

    await named(page, 'Notifications. Please sign in again').waitFor();
    expect(await badgeOf(page).textContent()).toBe('!');
  });

  it('says when there is no connection, and when it is back', async () => {
    const alice = await stage.aUser('First');
    const device = await stage.device(alice);
    const page = await device.open('<tidings-bell></tidings-bell>');
    await named(page, 'Notifications, 1 new, 1 unread').waitFor();

    await device.setOffline(true);
    await named(page, 'Notifications, 1 new, 1 unread. No connection').waitFor();
    await stage.notify(alice, 'Second');
    await device.setOffline(false);

    await named(page, 'Notifications, 2 new, 2 unread').waitFor();
  });

  it('uses what configure says, also when that comes later, in the language of the page', async () => {
    const alice = await stage.aUser('First');
    const device = await stage.device(alice);

    const page = await device.open('<tidings-bell></tidings-bell>', { isConfigured: false, lang: 'de' });
    await named(page, 'Benachrichtigungen').waitFor();
    await page.evaluate(`import('${device.service}/elements/index.js').then(({ configure }) => configure({
      url: '${device.service}/graphql/system', token: async () => '${alice.token}',
      strings: { 'bell.labelNew': '{count} neue' } }))`);

    await named(page, '1 neue').waitFor();
  });

  it.each(['light', 'dark'] as const)('has no faults that axe finds in %s colours', async (colorScheme) => {
    const device = await stage.device(await stage.aUser('First'), { colorScheme });
    const page = await device.open('<main><h1>Host</h1><tidings-bell></tidings-bell></main>', {
      style: 'html { color-scheme: light dark }',
    });
    await named(page, 'Notifications, 1 new, 1 unread').waitFor();

    expect(await axeFaults(page)).toEqual([]);
  });
});
