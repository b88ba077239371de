import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { sidebar } from '../../docs/.vitepress/sidebar.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { patience } from '../support/patience.ts';
import { base, buildSite, serveSite } from './site.ts';

const executablePath = await findChromium();
if (executablePath === null)
  process.stderr.write('There is no Chromium: the docs site is built, but not tested in a browser.\n');

let folder: string;
let site: Awaited<ReturnType<typeof serveSite>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidings-docs-site-'));
  await buildSite(folder);
  site = await serveSite(folder);
}, 300_000);

afterAll(async () => {
  await site?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the docs site', () => {
  it('has a page for each entry of the sidebar', async () => {
    const links = sidebar.flatMap(({ items }) => items.map(({ link }) => link));
    const statuses = await Promise.all(
      links.map(async (link) => (await fetch(`${site.url}${link.slice(1)}.html`)).status),
    );

    expect(statuses).toEqual(links.map(() => 200));
  });

  it('loads nothing from other hosts', async () => {
    const names = await readdir(folder, { recursive: true });
    const texts = names
      .filter((name) => /\.(html|css)$/.test(name))
      .map((name) => readFile(join(folder, name), 'utf8'));
    const loaded = (await Promise.all(texts)).flatMap((text) => [
      ...text.matchAll(
        /(?:<(?:script|img|source|iframe)[^>]+src|<link[^>]+href|url\()=?["'(]?((?:https?:)?\/\/[^"')\s]+)/g,
      ),
    ]);

    expect(loaded.map(([, address]) => address)).toEqual([]);
  });
});

(executablePath === null ? describe.skip : describe)('the docs site in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser?.close());

  /** Opens a page. Returns it with the errors of the browser, `faults`, and the hosts of its requests, `hosts`. */
  async function open(path: string, options: { readonly width?: number; readonly colorScheme?: 'dark' } = {}) {
    const { width = 1280, ...more } = options;
    const page = await browser.newPage({ viewport: { width, height: 800 }, ...more });
    page.setDefaultTimeout(patience);
    const faults: string[] = [];
    const hosts = new Set<string>();
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => request.url().startsWith('data:') || hosts.add(new URL(request.url()).origin));
    page.on('response', (answer) => answer.status() >= 400 && faults.push(`${answer.status()} ${answer.url()}`));
    await page.goto(site.url + path);
    // Until its script has taken the page over, a button does nothing.
    await page.waitForFunction("'__vue_app__' in document.querySelector('#app')");
    return { page, faults, hosts: () => [...hosts] };
  }
  const own = () => [new URL(site.url).origin];

  it('the home page leads to a guide, with the sidebar beside it', async () => {
    const { page, faults, hosts } = await open('');

    await page.getByRole('link', { name: 'Start in five minutes' }).click();
    await page.getByRole('heading', { level: 1, name: 'Start in five minutes' }).waitFor();
    await page.locator('.VPSidebar').getByRole('link', { name: 'Deploy' }).click();
    await page.getByRole('heading', { level: 1, name: 'Installing and deploying' }).waitFor();

    expect(new URL(page.url()).pathname).toBe(`${base}deploy.html`);
    expect([faults, hosts()]).toEqual([[], own()]);
    await page.close();
  }, 90_000);

  it('the search finds a variable and leads to it', async () => {
    const { page, faults, hosts } = await open('');

    await page.getByRole('button', { name: 'Search' }).first().click();
    await page.locator('#localsearch-input').fill('STALLED_CONNECTION_MS');
    await page.locator('.VPLocalSearchBox .result', { hasText: 'STALLED_CONNECTION_MS' }).first().click();
    await page.locator('h3#stalled_connection_ms').waitFor();

    expect([faults, hosts()]).toEqual([[], own()]);
    await page.close();
  }, 90_000);

  it('the reference leads from an operation to its types', async () => {
    const { page, faults, hosts } = await open('reference/graphql.html#query-inbox');

    await page.locator('a[href="#inbox"]').first().click();
    await page.waitForFunction('location.hash === "#inbox"');

    expect(await page.locator('h3#inbox').isVisible()).toBe(true);
    expect([faults, hosts()]).toEqual([[], own()]);
    await page.close();
  }, 90_000);

  it('is dark for readers who prefer that, and can be switched', async () => {
    const { page, faults } = await open('deploy.html', { colorScheme: 'dark' });
    const isDark = () => page.locator('html.dark').count();

    expect(await isDark()).toBe(1);
    await page.locator('.VPSwitchAppearance').first().click();
    await page.locator('html:not(.dark)').waitFor();
    expect(faults).toEqual([]);
    await page.close();
  }, 90_000);

  it.each(['', 'reference/rest.html', 'changelog.html'])(
    '"%s" fits a phone',
    async (path) => {
      const { page } = await open(path, { width: 360 });

      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
      await page.close();
    },
    90_000,
  );
});
