import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { useTestApp } from '../../support/app.ts';
import { findChromium } from '../../support/browser/chromium.ts';
import { send } from '../../support/client.ts';
import { tokenOfMail } from '../../support/password-reset.ts';
import { patience } from '../../support/patience.ts';

const executablePath = await findChromium();
if (executablePath === null) process.stderr.write('There is no Chromium: the pages are not tested in a browser.\n');

(executablePath === null ? describe.skip : describe)('the pages in Chromium', () => {
  const app = useTestApp();
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  }, 120_000);
  afterAll(() => browser?.close());

  /** Opens a page. `faults` has the errors that the browser reports, and `hosts` the hosts of its requests. */
  async function open(path: string, width = 1280) {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    page.setDefaultTimeout(patience);
    const faults: string[] = [];
    const hosts = new Set<string>();
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    await page.goto(app().url + path);
    return { page, faults, hosts };
  }

  const isTooWide = (page: Page) => page.evaluate('document.documentElement.scrollWidth > window.innerWidth');

  it('/ says that the service runs, fits a phone and asks no other host', async () => {
    const { page, faults, hosts } = await open('/', 360);

    await page.locator('.state[data-state=ready]', { hasText: 'Running' }).waitFor();

    expect([faults, [...hosts]]).toEqual([[], [app().url]]);
    expect(await isTooWide(page)).toBe(false);
    await page.close();
  }, 120_000);

  it('/reset-password is filled in with the keyboard alone', async () => {
    await send(app(), '/auth/password/request', { body: { email: 'alice@example.com' } });
    const token = await tokenOfMail(app().db, app().people.alice.id);
    const { page, faults, hosts } = await open(`/reset-password?token=${token}`, 360);

    // The browser focuses the first field when it has drawn the page.
    await page.locator('#password:focus').waitFor();
    await page.keyboard.type('password-of-alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type('password-of-alice');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();

    expect([faults, [...hosts]]).toEqual([[], [app().url]]);
    expect(await isTooWide(page)).toBe(false);
    await page.close();
  }, 120_000);

  it('/docs signs in with a token, sends a request with it and shows the answer', async () => {
    const { alice } = app().people;
    const { page, faults, hosts } = await open('/docs#list_notifications');

    await page.locator('#token').fill(alice.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('#who', { hasText: 'Signed in as Alice' }).waitFor();
    const form = page.locator('#list_notifications form');
    await form.locator('input[name=limit]').fill('3');
    const answered = page.waitForResponse((answer) => answer.url().endsWith('/notifications?limit=3'));
    await form.getByRole('button', { name: 'Send' }).click();
    await form.locator('.result', { hasText: '"data"' }).waitFor();

    expect((await answered).request().headers()['authorization']).toBe(`Bearer ${alice.token}`);
    expect([faults, [...hosts]]).toEqual([[], [app().url]]);
    await page.close();
  }, 120_000);

  it('/docs says that a token is unknown, and fits a phone', async () => {
    const { page } = await open('/docs', 360);

    await page.locator('#token').fill('a-token-of-nobody-at-all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('#who', { hasText: 'This token is not known.' }).waitFor();

    expect(await isTooWide(page)).toBe(false);
    await page.close();
  }, 120_000);

  it('GraphiQL begins with operations to list, create and watch, and says how to sign in', async () => {
    const { page, faults } = await open('/graphql/system');

    await page.locator('.graphiql-tab', { hasText: 'ListInbox' }).waitFor();
    const tabs = await page.locator('.graphiql-tab').allTextContents();
    await page.locator('.graphiql-query-editor', { hasText: 'Authorization' }).waitFor();

    expect(tabs.join(' ')).toMatch(/ListInbox.*Create.*Watch/);
    expect(await page.locator('.graphiql-logo').textContent()).toContain('Tidings');
    expect(faults).toEqual([]);
    await page.close();
  }, 120_000);
});
