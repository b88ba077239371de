import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium } from 'playwright-core';
import { createNotifications } from '../../../src/notifications/write.ts';
import { useTestApp } from '../../support/app.ts';
import { findChromium } from '../../support/browser/chromium.ts';
import { takePicture } from '../../support/browser/pictures.ts';
import { send } from '../../support/client.ts';

const app = useTestApp();
const executablePath = await findChromium();
const page = (path = '/graphql/system') => send(app(), path, { headers: { accept: 'text/html' } });

async function namesOf(path?: string): Promise<string[]> {
  const { body } = await page(path);
  return [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name = '']) => name);
}

/** The response without decompression. */
async function fetchRaw(path: string, headers: Readonly<Record<string, string>> = {}) {
  const request = get(app().url + path, { headers });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks) };
}

describe('GraphiQL', () => {
  it('GraphiQL is a small page that loads nothing from other hosts and cannot be framed', async () => {
    const { status, body, headers } = await page();

    expect(status).toBe(200);
    expect(body.length).toBeLessThan(2000);
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each(['/graphql/system', '/graphql/system/'])('GraphiQL at %s loads its assets', async (path) => {
    const names = await namesOf(path);

    expect(names).toHaveLength(4);
    for (const name of names) {
      const { pathname } = new URL(name, app().url + path);
      await expect(fetchRaw(pathname)).resolves.toMatchObject({ status: 200 });
    }
  });

  it('compresses GraphiQL’s assets as the browser accepts', async () => {
    const [, styles = ''] = await namesOf();
    const path = `/graphql/${styles}`;

    const plain = await fetchRaw(path);
    const zipped = await fetchRaw(path, { 'accept-encoding': 'gzip, br;q=0' });
    const best = await fetchRaw(path, { 'accept-encoding': 'gzip, deflate, br' });

    expect([plain, zipped, best].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip', 'br']);
    expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true);
    expect(brotliDecompressSync(best.bytes).equals(plain.bytes)).toBe(true);
    expect(best.bytes.length).toBeLessThan(0.5 * plain.bytes.length);
    expect(plain.headers['vary']).toContain('Accept-Encoding');
  });

  it('lets browsers cache GraphiQL’s assets for good', async () => {
    const [icon = ''] = await namesOf();
    const first = await fetchRaw(`/graphql/${icon}`);
    const again = await fetchRaw(`/graphql/${icon}`, { 'if-none-match': String(first.headers.etag) });

    expect(first.headers['cache-control']).toContain('immutable');
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  it('answers 404 for unknown assets of GraphiQL', async () => {
    await expect(send(app(), '/graphql/system/graphiql/other.js')).resolves.toMatchObject({
      status: 404,
      body: { errors: [{ extensions: { code: 'ROUTE_NOT_FOUND' } }] },
    });
  });

  it('clients that read nothing of an asset use no memory', async () => {
    const script = `/graphql/${(await namesOf()).at(-1)}`;
    const { bytes } = await fetchRaw(script);
    const before = process.memoryUsage();

    const answers = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const request = get(app().url + script, { agent: false });
        const [answer] = (await once(request, 'response')) as [IncomingMessage];
        return answer;
      }),
    );
    const after = process.memoryUsage();
    for (const answer of answers) answer.destroy();

    const grown = after.arrayBuffers - before.arrayBuffers + (after.external - before.external);
    expect(bytes.length).toBeGreaterThan(5_000_000);
    expect(grown).toBeLessThan(30_000_000);
  });
});

(executablePath ? describe : describe.skip)('GraphiQL in a browser', () => {
  let browser: Awaited<ReturnType<typeof chromium.launch>>;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  it('GraphiQL starts, runs a query and sends no request to other hosts', async () => {
    const tab = await browser.newPage();
    const faults: string[] = [];
    const hosts = new Set<string>();
    tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    tab.on('pageerror', (error) => faults.push(String(error)));
    tab.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url())) hosts.add(new URL(request.url()).origin);
    });

    await tab.goto(`${app().url}/graphql/system?query=${encodeURIComponent('{ __typename }')}`);
    await tab.locator('.graphiql-execute-button').click();
    await tab.locator('.result-window', { hasText: '"Query"' }).waitFor();

    expect(faults).toEqual([]);
    expect([...hosts]).toEqual([app().url]);
  });

  it.each(['light', 'dark'] as const)('GraphiQL has the blue of the other pages in %s colours', async (colorScheme) => {
    const tab = await browser.newPage({ colorScheme });
    await tab.goto(`${app().url}/graphql/system`);
    await tab.locator('.graphiql-execute-button').waitFor();

    const primary: string = await tab.evaluate(
      'getComputedStyle(document.querySelector(".graphiql-container")).getPropertyValue("--color-primary")',
    );

    expect(primary.trim()).toMatch(/^228,/);
    await tab.close();
  });

  it('GraphiQL subscribes with the token in the headers tab and shows the events', async () => {
    const { alice, admin } = app().people;
    const tab = await browser.newPage({ viewport: { width: 1200, height: 720 }, deviceScaleFactor: 1.5 });
    const query =
      'subscription {\n  inbox_changes {\n    kind\n    unread_count\n    notification {\n      subject\n      message\n    }\n  }\n}';

    await tab.goto(`${app().url}/graphql/system?query=${encodeURIComponent(query)}`);
    await tab.getByRole('button', { name: 'Headers' }).click();
    await tab.locator('.graphiql-editor-tool .monaco-editor:visible').click();
    await tab.keyboard.insertText(JSON.stringify({ authorization: `Bearer ${alice.token}` }));
    const subscribed = tab.waitForResponse((answer) => answer.request().headers()['accept'] === 'text/event-stream');
    await tab.locator('.graphiql-execute-button').click();
    const response = await subscribed;
    await createNotifications(app().contextOf(admin), [
      { recipient: alice.id, subject: 'Your export is ready', message: 'It has **12** pages.' },
    ]);
    await tab.locator('.result-window', { hasText: 'Your export is ready' }).waitFor();

    expect(response.headers()['content-type']).toBe('text/event-stream');
    expect(await takePicture(tab, 'graphiql', { fullPage: false })).toBeLessThan(150_000);
    await tab.close();
  });
});
