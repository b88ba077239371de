import { describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { describeInChromium, signedIn, signIn, slowly, until, usePages } from './support/pages-stage.ts';
import { aWebProxy } from './support/web-proxy.ts';

/** Waits until the service worker controls the page. */
const controlled = (page: Page) =>
  page.evaluate(`navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller ??
    new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve))).then(() => true)`);
const kept = (page: Page): Promise<string[]> =>
  page.evaluate(`caches.keys().then(async (names) => (await Promise.all(names.map(async (name) =>
    (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)))).flat())`);

describeInChromium('the inbox as a web application', () => {
  const stage = usePages();

  async function opened(path = '/inbox', service = stage().app.url): Promise<{ context: BrowserContext; page: Page }> {
    const { person, reader } = stage();
    const context = await person();
    const page = await context.newPage();
    await page.goto(service + path);
    await signIn(page, await reader());
    await signedIn(page);
    await controlled(page);
    return { context, page };
  }

  it(
    'can be installed',
    async () => {
      const { context, page } = await opened();
      const session = await context.newCDPSession(page);
      const { errors: manifestErrors, data = '' } = await session.send('Page.getAppManifest');
      const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
      const { icons } = JSON.parse(data) as { readonly icons: readonly { readonly src: string; sizes: string }[] };
      const sizes = await page.evaluate(`Promise.all(${JSON.stringify(icons)}.map(async ({ src, sizes }) => {
        const picture = new Image();
        picture.src = src;
        await picture.decode();
        return sizes === 'any' ? 'any' : picture.naturalWidth + 'x' + picture.naturalHeight;
      }))`);

      expect(manifestErrors).toEqual([]);
      // Private windows cannot install anything, and those of tests are private.
      expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
      expect(sizes).toEqual(icons.map((icon) => icon.sizes));
      await context.close();
    },
    slowly,
  );

  it(
    'keeps its pages and files, and no answer with data',
    async () => {
      const { context, page } = await opened();
      await page.reload();
      await signedIn(page);
      // A file is kept before the page gets it.
      await until(page, "document.querySelector('tidings-inbox').isReady");
      const paths = await kept(page);

      expect(paths).toEqual(expect.arrayContaining(['/inbox', '/inbox/item', '/icon.svg']));
      expect(paths.filter((path) => !/^\/(inbox|inbox\/item|icon\.svg|(pages|elements)\/[\w.-]+)$/.test(path))).toEqual(
        [],
      );
      // The name of a file contains its hash, so what was kept is used without asking again.
      await context.setOffline(true);
      const chunks = paths.filter((path) => /^\/elements\/.+-\w{8}\.js$/.test(path));
      const answers = `Promise.all(${JSON.stringify(chunks)}.map(async (path) => (await fetch(path)).ok))`;
      expect(chunks.length).toBeGreaterThan(0);
      expect(await page.evaluate(answers)).toEqual(chunks.map(() => true));
      await context.close();
    },
    slowly,
  );

  it(
    'says that it is offline at every address of its own, and continues when it is online',
    async () => {
      const { context, page } = await opened();
      const { app, faults } = stage();
      await context.setOffline(true);
      for (const path of ['/inbox', '/inbox/12', '/preferences']) {
        await page.goto(app.url + path);
        await page.getByRole('heading', { name: 'You are offline' }).waitFor();
        expect(page.url()).toBe(app.url + path);
      }
      const other = await context.newPage();
      await expect(other.goto(`${app.url}/docs`)).rejects.toThrow('ERR_INTERNET_DISCONNECTED');
      await context.setOffline(false);
      await signedIn(page);

      expect(page.url()).toBe(`${app.url}/preferences`);
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it(
    'replaces what an earlier version kept, when no page of that is open',
    async () => {
      const { app } = stage();
      const proxy = await aWebProxy(app.url);
      const { context, page } = await opened('/preferences', proxy.url);
      const before = await page.evaluate('caches.keys()');
      await page.evaluate(`caches.open('of-something-else')`);
      proxy.changeWorker((script) => script.replace(/"version":"\w+"/, '"version":"next"'));
      await page.evaluate('navigator.serviceWorker.ready.then((registration) => registration.update())');
      await until(page, 'navigator.serviceWorker.ready.then(({ waiting }) => waiting !== null)');
      const during = await page.evaluate('caches.keys()');
      // The earlier one controls this page, and each that is opened while it still answers a request. The next one takes
      // over when no such page is open.
      const isReplaced = `navigator.serviceWorker.ready.then(({ waiting }) => waiting === null)`;
      do {
        await page.goto('about:blank');
        await page.goto(`${proxy.url}/preferences`);
        await signedIn(page);
      } while (!(await page.evaluate(isReplaced)));
      await until(page, `caches.keys().then((names) => !names.includes(${JSON.stringify(before)}[0]))`);

      expect(during).toEqual([...(before as string[]), 'of-something-else', 'tidings-pages-next']);
      expect(await page.evaluate('caches.keys()')).toEqual(['of-something-else', 'tidings-pages-next']);
      await context.close();
      await proxy.close();
    },
    slowly,
  );

  it(
    'works below a path of a proxy that serves other things as well',
    async () => {
      const { app, faults } = stage();
      const proxy = await aWebProxy(app.url, '/some/tidings');
      const { context, page } = await opened('/inbox/12', proxy.url);
      const scope = await page.evaluate('navigator.serviceWorker.ready.then(({ scope }) => scope)');
      await page.getByRole('button', { name: 'Account of Robin Reader' }).click();
      await page.getByRole('link', { name: 'Preferences' }).click();
      await page.waitForURL(`${proxy.url}/preferences`);
      await context.setOffline(true);
      await page.goto(`${proxy.url}/inbox/12`);
      await page.getByRole('heading', { name: 'You are offline' }).waitFor();

      expect(scope).toBe(`${proxy.url}/`);
      expect(faults()).toEqual([]);
      await context.close();
      await proxy.close();
    },
    slowly,
  );
});

describe('the pages of the inbox', () => {
  const app = useTestApp({ APP_NAME: 'Acme <News>' });
  const off = useTestApp({ SERVE_PAGES: 'false' });

  it.each(['/inbox', '/inbox/12', '/preferences'])(
    '%s has no data, a strict policy and no place in an index',
    async (path) => {
      const { status, headers, body } = await send(app(), path, { as: app().people.alice });
      const policy = headers.get('content-security-policy') ?? '';

      expect(status).toBe(200);
      expect(body).toBe((await send(app(), path)).body);
      expect(body).toContain('data-name="Acme &lt;News&gt;"');
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; img-src/);
      expect(policy).not.toContain('unsafe');
      expect(policy).toContain("frame-ancestors 'none'");
      expect(Object.fromEntries(headers)).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
      });
    },
  );

  it.each([
    ['/inbox/', '/inbox'],
    ['/inbox/12/?reason=UNKNOWN_USER', '/inbox/12?reason=UNKNOWN_USER'],
  ])('%s leads to %s, to which its links are relative', async (given, expected) => {
    const { status, headers } = await fetch(app().url + given, { redirect: 'manual' });
    const target = new URL(headers.get('location') ?? '', app().url + given.replace(/\/+(?=\?|$)/, '/'));

    expect([status, target.pathname + target.search]).toEqual([308, expected]);
  });

  it('has a name and addresses that do not depend on where it is served', async () => {
    const { headers, body } = await send(app(), '/manifest.webmanifest');

    expect(headers.get('content-type')).toBe('application/manifest+json; charset=utf-8');
    expect(body).toMatchObject({ name: 'Acme <News>', start_url: 'inbox', scope: './', display: 'standalone' });
    expect(JSON.stringify(body)).not.toMatch(/"(src|url|id|start_url)":"\//);
  });

  it.each(['/inbox', '/inbox/12', '/preferences', '/manifest.webmanifest', '/service-worker.js'])(
    '%s is not there when the pages are switched off',
    async (path) => {
      const { status } = await send(off(), path);
      const { body } = await send(off(), '/');

      expect(status).toBe(404);
      expect(body).not.toContain('href="inbox"');
    },
  );
});
