import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest } from '@jest/globals';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type JSHandle, type Page } from 'playwright-core';
import type * as Shared from '../../packages/client/src/shared.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { createUsers } from '../../src/users/write.ts';
import { type Person, startTestApp, type TestApp } from '../support/app.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { graphql } from '../support/client.ts';
import { listenOnLoopback } from '../support/loopback.ts';
import { patience } from '../support/patience.ts';
import { aProxy, type FaultyProxy } from '../support/proxy.ts';

export type SharedInbox = JSHandle<Shared.LiveInbox>;
export type SharedCounts = JSHandle<Shared.LiveCounts>;
/** Options that can be passed to a page. */
type TabOptions = Pick<Shared.SharedInboxOptions, 'filter' | 'pageSize' | 'hiddenMs'>;

declare global {
  /** In the pages of the stage. */
  var tidings: typeof Shared;
}

const executablePath = await findChromium();
if (executablePath === null) process.stderr.write('There is no Chromium: the tests with several tabs are skipped.\n');

jest.setTimeout(4 * patience);

/** Short pauses, so that tests need not wait. */
const backOff = { firstMs: 20, mostMs: 200 };

/** The service behind a proxy, and tabs of another origin that have the shared client. */
export interface TabsStage {
  readonly app: TestApp;
  readonly proxy: FaultyProxy;
  /** A browser of its own, which shares nothing with others. */
  browser(): Promise<BrowserContext>;
  tab(browser: BrowserContext): Promise<Page>;
  aUser(...subjects: readonly string[]): Promise<Person>;
  /** Writes notifications; returns their keys. */
  write(person: Person, ...subjects: readonly string[]): Promise<string[]>;
  /** Runs an operation as a person. @throws Error when it is answered with errors */
  // biome-ignore lint/suspicious/noExplicitAny: each test expects its own shape of an answer
  ask(person: Person, query: string, variables?: Readonly<Record<string, unknown>>): Promise<any>;
  inbox(page: Page, person: Person, options?: TabOptions): Promise<SharedInbox>;
  counts(page: Page, person: Person, options?: Pick<TabOptions, 'hiddenMs'>): Promise<SharedCounts>;
  /** Resolves when the service has this number of open streams. */
  untilStreams(count: number): Promise<void>;
}

/** A group of tests with several tabs; skipped where there is no Chromium. */
export function describeTabs(title: string, define: (stage: TabsStage) => void): void {
  (executablePath === null ? describe.skip : describe)(title, () => define(useStage()));
}

function useStage(): TabsStage {
  let app: TestApp;
  let chrome: Browser;
  let host: Awaited<ReturnType<typeof aHost>>;
  let proxy: FaultyProxy;
  const browsers: BrowserContext[] = [];
  let faults: Error[] = [];
  beforeAll(async () => {
    host = await aHost();
    app = await startTestApp({ CORS_ORIGIN: host.origin });
    chrome = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  }, 120_000);
  afterAll(async () => {
    await chrome?.close();
    await app?.stop();
    await host?.close();
  }, 60_000);
  beforeEach(async () => {
    faults = [];
    proxy = await aProxy({ port: Number(new URL(app.url).port) });
  });
  afterEach(async () => {
    for (const browser of browsers.splice(0)) await browser.close();
    await proxy.close();
    expect(faults).toEqual([]);
  });
  const service = () => `http://127.0.0.1:${proxy.port}/graphql/system`;

  const stage: TabsStage = {
    get app() {
      return app;
    },
    get proxy() {
      return proxy;
    },
    async browser() {
      const browser = await chrome.newContext();
      browsers.push(browser);
      return browser;
    },
    async tab(browser) {
      const page = await browser.newPage();
      page.on('pageerror', (fault) => faults.push(fault));
      await page.goto(host.origin);
      return page;
    },
    async aUser(...subjects) {
      const token = `tab-token-${randomUUID()}`;
      const [id = ''] = await createUsers(app.contextOf(app.people.admin), [{ token }]);
      const person = { id, token };
      await stage.write(person, ...subjects);
      return person;
    },
    async write({ id }, ...subjects) {
      if (subjects.length === 0) return [];
      const rows = subjects.map((subject) => ({ recipient: id, subject }));
      const made = await createNotifications(app.contextOf(app.people.admin), rows);
      return made.map((row) => String(row.id));
    },
    async ask(person, query, variables = {}) {
      const { body } = await graphql(app, person, query, variables);
      if (body.errors) throw new Error(body.errors[0].message);
      return body.data;
    },
    inbox: (page, { token }, options = {}) =>
      page.evaluateHandle((given) => tidings.sharedInbox(given), { url: service(), token, backOff, ...options }),
    counts: (page, { token }, options = {}) =>
      page.evaluateHandle((given) => tidings.sharedCounts(given), { url: service(), token, backOff, ...options }),
    async untilStreams(count) {
      await expectSoon(() => streamsOf(app), count);
    },
  };
  return stage;
}

/** Polls until the value is as expected. */
export async function expectSoon<Value>(read: () => Promise<Value>, expected: Value): Promise<void> {
  const end = Date.now() + patience;
  let value = await read();
  while (JSON.stringify(value) !== JSON.stringify(expected) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    value = await read();
  }
  expect(value).toEqual(expected);
}

async function streamsOf({ url }: TestApp): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^tidings_open_event_streams(?:\{.*\})? (\d+)$/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** A web server whose pages have the shared client as `tidings`. */
async function aHost() {
  const { outputFiles } = await build({
    entryPoints: [new URL('../../packages/client/src/shared.ts', import.meta.url).pathname],
    bundle: true,
    format: 'iife',
    globalName: 'tidings',
    write: false,
  });
  const page = `<!doctype html><title>Tab</title><script>${outputFiles[0]?.text}</script>`;
  return listenOnLoopback(({ url }, response) => {
    response.writeHead(url === '/' ? 200 : 404, { 'content-type': 'text/html' }).end(url === '/' ? page : '');
  });
}

/** What a person sees: subjects, `(…)` if read, and counts. */
export interface Shown {
  readonly items: readonly string[];
  readonly unread: number;
  readonly unseen: number;
  readonly total: number;
}

export const shown = (inbox: SharedInbox): Promise<Shown & { readonly status: string }> =>
  inbox.evaluate((client) => {
    const { items, unread, unseen, total, status } = client.current();
    const marked = items.map(({ subject, read_at }) => (read_at === null ? subject : `(${subject})`));
    return { items: marked, unread, unseen, total, status };
  });

/** Resolves when the tab shows this. */
export async function shows(inbox: SharedInbox, expected: Partial<Shown & { readonly status: string }>): Promise<void> {
  await expectSoon(async () => {
    const view = await shown(inbox);
    return Object.fromEntries(Object.keys(expected).map((name) => [name, view[name as keyof typeof view]]));
  }, expected);
}

/** Resolves when the counts are these. */
export async function counts(from: SharedCounts, expected: Partial<Shared.InboxCountsView>): Promise<void> {
  await expectSoon(async () => {
    const view = await from.evaluate((client) => client.current());
    return Object.fromEntries(Object.keys(expected).map((name) => [name, view[name as keyof typeof view]]));
  }, expected);
}

/** Makes the page believe that it is hidden, or shown again. */
export async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    isHidden ? 'hidden' : 'visible',
  );
}
