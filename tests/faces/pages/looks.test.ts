import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { readUnsubscribeKey, signUnsubscription } from '../../../src/preferences/unsubscribe-token.ts';
import { templateIds } from '../../../src/templates/model.ts';
import { useTestApp } from '../../support/app.ts';
import { findChromium } from '../../support/browser/chromium.ts';
import { faintTexts, isTooWide } from '../../support/browser/contrast.ts';
import { takePicture } from '../../support/browser/pictures.ts';
import { send } from '../../support/client.ts';
import { tokenOfMail } from '../../support/password-reset.ts';

const executablePath = await findChromium();
if (executablePath === null) process.stderr.write('There is no Chromium: the appearance of the pages is not tested.\n');

const names = [
  'start-page',
  'api-reference',
  'not-found',
  'unsubscribe',
  'unsubscribe-invalid',
  'reset-password',
  'reset-password-fault',
  'reset-password-invalid',
] as const;
type Name = (typeof names)[number];

/** The pages in docs/images, each in one colour scheme. */
const pictures: ReadonlySet<string> = new Set([
  'start-page-light',
  'start-page-dark',
  'api-reference-light',
  'unsubscribe-light',
  'reset-password-light',
]);

/** Selectors of elements that a reader could not use with a keyboard or a screen reader. */
const faults = [
  'img:not([alt])',
  'a:not([href])',
  'button:empty',
  'html:not([lang])',
  '[tabindex]:not([tabindex="0"])',
];
const unlabelled = `[...document.querySelectorAll('input,textarea,select')].filter((field) =>
  field.labels.length === 0 && !field.ariaLabel && !field.hasAttribute('aria-labelledby')).map((field) => field.outerHTML)`;

(executablePath === null ? describe.skip : describe)('the pages in Chromium', () => {
  const app = useTestApp();
  let browser: Browser;
  let resetToken = '';
  beforeAll(async () => {
    await send(app(), '/auth/password/request', { body: { email: 'alice@example.com' } });
    resetToken = await tokenOfMail(app().db, app().people.alice.id);
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  }, 120_000);
  afterAll(() => browser?.close());

  async function pathOf(name: Name): Promise<string> {
    const key = await readUnsubscribeKey(app().db.prisma);
    const { alice } = app().people;
    const token = signUnsubscription(key, { userId: alice.id, templateId: templateIds.custom, channel: 'smtp' });
    return {
      'start-page': '/',
      'api-reference': '/docs',
      'not-found': '/nowhere',
      unsubscribe: `/unsubscribe/${token}`,
      'unsubscribe-invalid': '/unsubscribe/x',
      'reset-password': `/reset-password?token=${resetToken}`,
      'reset-password-fault': `/reset-password?token=${resetToken}`,
      'reset-password-invalid': '/reset-password',
    }[name];
  }

  async function open(name: Name, colorScheme: 'light' | 'dark', width = 1100): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 720 }, colorScheme, deviceScaleFactor: 2 });
    page.setDefaultTimeout(30_000);
    await page.goto(app().url + (await pathOf(name)));
    if (name === 'reset-password-fault') {
      for (const label of ['New password', 'New password, again'])
        await page.getByLabel(label, { exact: true }).fill(label);
      await page.getByRole('button').click();
      await page.getByRole('alert').waitFor();
    }
    if (name === 'start-page') await page.locator('.state[data-state=ready]').waitFor();
    return page;
  }

  const both = names.flatMap((name) => (['light', 'dark'] as const).map((scheme) => [name, scheme] as const));
  it.each(both)(
    '%s can be read in %s colours, has a heading and names for its fields',
    async (name, scheme) => {
      const page = await open(name, scheme);
      if (name === 'api-reference') await page.locator('.operation').first().locator('summary').first().click();

      expect(await faintTexts(page)).toEqual([]);
      expect(await page.locator('h1:visible').count()).toBe(1);
      expect(await page.evaluate(unlabelled)).toEqual([]);
      for (const fault of faults) expect([fault, await page.locator(fault).count()]).toEqual([fault, 0]);
      const picture = `${name}-${scheme}`;
      if (pictures.has(picture)) expect(await takePicture(page, picture, { fullPage: false })).toBeLessThan(150_000);
      await page.close();
    },
    120_000,
  );

  it.each(names)(
    '%s fits a phone',
    async (name) => {
      const page = await open(name, 'light', 340);

      expect(await isTooWide(page)).toBe(false);
      await page.close();
    },
    120_000,
  );

  it('the page for unknown addresses leads to the start page with the keyboard alone', async () => {
    const page = await open('not-found', 'light');

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app().url}/`);
    await page.close();
  }, 120_000);

  it('the unsubscribe page unsubscribes with the keyboard alone, and says so', async () => {
    const page = await open('unsubscribe', 'dark');

    await page.keyboard.press('Tab');
    const focused = await page.evaluate('document.activeElement.textContent');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();
    const choices = await app().db.prisma.choice.findMany({ where: { user_id: app().people.alice.id } });

    expect(focused).toBe('Unsubscribe');
    expect(choices).toMatchObject([{ template_id: templateIds.custom, channel: 'smtp', is_on: false }]);
    expect(await faintTexts(page)).toEqual([]);
    await page.close();
  }, 120_000);
});
