import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParsedMail } from 'mailparser';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { sendCustomNotification } from '../../src/dispatch/send-to-self.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { faintTexts, isTooWide } from '../support/browser/contrast.ts';
import { takePicture } from '../support/browser/pictures.ts';
import { aMailServer, type MailServer } from './mail-server.ts';
import { aStage, type Stage } from './stage.ts';

// Mails as readers see them. `UPDATE_PICTURES=1` replaces the pictures in docs/images; look at them before committing.

const executablePath = await findChromium();
if (executablePath === null) process.stderr.write('There is no Chromium: the tests of how mails look are skipped.\n');

const views = {
  desk: { viewport: { width: 720, height: 300 } },
  phone: { viewport: { width: 390, height: 300 } },
  dark: { viewport: { width: 720, height: 300 }, colorScheme: 'dark' },
} as const satisfies Record<string, BrowserContextOptions>;
const viewNames = Object.keys(views) as (keyof typeof views)[];

const custom = {
  title: 'Maintenance on Thursday, 22:00 UTC',
  message:
    'The service is **read-only for 20 minutes**. Please save your work before.\n\n- Writes are refused, not queued.\n- Open pages reconnect by themselves.\n\n> Nothing to do if you use the client library.\n\nTo see when it is over:\n\n```\ncurl https://status.example.com/api/maintenance\n```\n\nQuestions? [Write to the team](https://app.example.com/teams/operations).',
};
const written = {
  subject: 'The plan for this week',
  message:
    'Three things, in this order:\n\n1. **Billing**: the new invoices go out on Thursday.\n2. **Search**: there is [a draft](https://app.example.com/documents/311) to review.\n3. **Onboarding**: two people start on Monday.\n\n| | open | done |\n|---|--:|--:|\n| `billing` | 2 | 14 |\n| `search` | 5 | 3 |\n\nHave a good start.',
};
const subjects = { template: 'Workspace notebook is gone', custom: custom.title, written: written.subject };
const names = Object.keys(subjects) as (keyof typeof subjects)[];

(executablePath === null ? describe.skip : describe)('a mail in Chromium', () => {
  let stage: Stage;
  let mailServer: MailServer;
  let browser: Browser;
  beforeAll(async () => {
    mailServer = await aMailServer();
    stage = await aStage({
      SMTP_URL: mailServer.url,
      EMAIL_FROM: 'Tidings <no-reply@example.com>',
      APP_URL: 'https://app.example.com',
    });
    const ada = await stage.aRecipient({ firstName: 'Ada', username: 'ada' });
    const context = stage.contextOf(ada, 'admin');
    await stage.enqueue({
      recipients: [ada.id],
      labels: { name: 'notebook', reason: 'unused for 30 days', initiator: 'the clean-up' },
    });
    await sendCustomNotification(context, custom);
    await createNotifications(context, [{ recipient: ada.id, ...written }]);
    stage.start();
    await mailServer.received(names.length);
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
    await mailServer?.close();
  });

  /** Opens a mail as its reader sees it; `requests` contains the URLs that it loads. */
  async function open(name: keyof typeof subjects, view: keyof typeof views) {
    const { html } = mailServer.mails.find(({ subject }) => subject === subjects[name]) as ParsedMail;
    const page = await browser.newPage({ ...views[view], deviceScaleFactor: 2 });
    page.setDefaultTimeout(30_000);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.setContent(String(html), { waitUntil: 'load' });
    return { page, requests };
  }

  const heightsOf = (page: Page, selector: string): Promise<number[]> =>
    page.evaluate(`[...document.querySelectorAll('${selector}')].map((each) => each.getBoundingClientRect().height)`);

  it.each(names.flatMap((name) => viewNames.map((view) => [name, view] as const)))(
    'the %s mail can be read on a %s screen, loads nothing and fits',
    async (name, view) => {
      const { page, requests } = await open(name, view);
      const shown: string = await page.evaluate('document.body.innerText');
      const withoutAlt = await page.locator('img:not([alt])').count();

      expect(await faintTexts(page)).toEqual([]);
      expect(await isTooWide(page)).toBe(false);
      expect([requests, withoutAlt]).toEqual([[], 0]);
      // The preheader repeats the beginning of the text, and is not shown.
      expect(await page.locator('body > div').first().isVisible()).toBe(false);
      expect(shown.trimStart()).toMatch(/^T\s+Tidings\s/);
      expect(await takePicture(page, `mail-${name}-${view}`)).toBeLessThan(150_000);
      await page.close();
    },
    60_000,
  );

  it('the buttons of a mail are easy to hit on a phone, one below the other', async () => {
    const { page } = await open('template', 'phone');
    const heights = await heightsOf(page, '.button');
    const [first, second] = await page.locator('.button').all();
    const [above, below] = [await first?.boundingBox(), await second?.boundingBox()];

    expect(heights).toHaveLength(2);
    for (const height of heights) expect(height).toBeGreaterThanOrEqual(44);
    expect(below?.y).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0));
    expect(below?.width).toBe(above?.width);
    await page.close();
  }, 60_000);

  it('a mail can be read without its style sheet', async () => {
    const { page } = await open('template', 'desk');
    await page.evaluate('document.querySelector("style").remove()');

    expect(await faintTexts(page)).toEqual([]);
    expect(await isTooWide(page)).toBe(false);
    expect((await heightsOf(page, '.button'))[0]).toBeGreaterThanOrEqual(44);
    await page.close();
  }, 60_000);
});
