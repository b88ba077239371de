import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page, type Route } from 'playwright-core';
import { createNotifications } from '../../src/notifications/write.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { graphql } from '../support/client.ts';
import { patience } from '../support/patience.ts';
import { aReservedPort } from '../support/ports.ts';
import { createBackEndToken, startReactPage } from './react-page.ts';

const executablePath = await findChromium();
if (executablePath === null) process.stderr.write('There is no Chromium: the React page of the docs is not opened.\n');

describe('the React application of the docs', () => {
  let app: TestApp;
  let origin: string;
  let browser: Browser;
  const end: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const port = await aReservedPort();
    origin = `http://127.0.0.1:${port}`;
    app = await startTestApp({ CORS_ORIGIN: origin });
    end.push(() => app.stop());
    await app.db.prisma.user.update({ where: { id: app.people.alice.id }, data: { external_id: 'alice' } });
    const { body } = await graphql(app, app.people.admin, createBackEndToken);
    const { token } = body.data.create_access_token;
    end.push(await startReactPage({ port, service: app.url, token, expiresIn: 4 }));
    if (executablePath === null) return;
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    end.push(() => browser.close());
  }, 120_000);
  afterAll(async () => {
    for (const step of end.reverse()) await step();
  });

  const notify = (...subjects: readonly string[]) =>
    createNotifications(
      app.contextOf(app.people.admin),
      subjects.map((subject) => ({ recipient: app.people.alice.id, subject })),
    );

  it('the back end makes a token for the inbox of the user who is signed in', async () => {
    const response = await fetch(`${origin}/inbox-token`, { method: 'POST' });
    const { token } = (await response.json()) as { readonly token: string };
    const { body } = await graphql(app, { id: '', token }, '{ viewer { user { id } scopes } }');

    expect(response.status).toBe(200);
    expect(body.data.viewer).toEqual({ user: { id: app.people.alice.id }, scopes: ['inbox', 'preferences'] });
  });

  (executablePath === null ? describe.skip : describe)('in Chromium, in Strict Mode', () => {
    let page: Page;
    let faults: string[];
    let asksForToken: number;
    let openSockets: number;
    /** Resolves when the service has accepted the token of a socket. */
    let isLive: Promise<void>;
    beforeEach(async () => {
      faults = [];
      asksForToken = 0;
      openSockets = 0;
      page = await browser.newPage();
      page.setDefaultTimeout(patience);
      page.on('pageerror', (fault) => faults.push(String(fault)));
      page.on('console', (message) => {
        const isIcon = message.location().url.endsWith('/favicon.ico');
        if (['error', 'warning'].includes(message.type()) && !isIcon) faults.push(message.text());
      });
      page.on('request', (request) => {
        if (request.url().endsWith('/inbox-token')) asksForToken += 1;
      });
      isLive = new Promise((resolve) => {
        page.on('websocket', (socket) => {
          openSockets += 1;
          socket.on('framereceived', ({ payload }) => payload.includes('connection_ack') && resolve());
          socket.on('close', () => {
            openSockets -= 1;
          });
        });
      });
    });
    afterEach(async () => {
      await page.close();
      expect(faults).toEqual([]);
    });

    const shows = (subject: string) => page.getByRole('listitem').filter({ hasText: subject }).waitFor();

    it('shows what is there and what arrives, and marks it as read', async () => {
      await notify('earlier');
      await page.goto(origin);
      await shows('earlier');

      await notify('live');
      await shows('live');
      await page.getByRole('heading', { name: 'Inbox (2)' }).waitFor();
      await page.getByRole('listitem').filter({ hasText: 'live' }).getByRole('button').click();

      await page.getByRole('heading', { name: 'Inbox (1)' }).waitFor();
      await page.getByRole('button', { name: 'Mark all as read' }).click();
      await page.getByRole('heading', { name: 'Inbox (0)' }).waitFor();
    }, 90_000);

    it('asks for a new token when its token has expired, and misses nothing', async () => {
      await page.goto(origin);
      await isLive;
      await notify('with the first token');
      await shows('with the first token');

      // The stream has ended when the page asks for its next token, and begins again when it gets one.
      const asked = new Promise<Route>((resolve) => {
        void page.route('**/inbox-token', resolve, { times: 1 });
      });
      const route = await asked;
      await notify('without a token');
      await route.continue();
      await shows('without a token');
      await notify('with another token');
      await shows('with another token');

      const subjects = await page.getByRole('listitem').allInnerTexts();
      expect(subjects.slice(0, 3).map((text) => text.replace(/ Mark as read$/, ''))).toEqual([
        'with another token',
        'without a token',
        'with the first token',
      ]);
    }, 90_000);

    it('keeps one connection open, although Strict Mode opens the inbox twice', async () => {
      await page.goto(origin);
      await isLive;
      await notify('to one connection');
      await shows('to one connection');

      // One for the inbox that was closed at once; one for the page and one for the connection of the other.
      expect(asksForToken).toBeGreaterThanOrEqual(3);
      // The socket of the inbox that was closed may be closing still.
      while (openSockets > 1) await new Promise((resolve) => setTimeout(resolve, 20));
    }, 90_000);
  });
});
