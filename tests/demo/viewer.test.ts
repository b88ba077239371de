import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { type CaptureStore, createCaptureStore } from '../../demo/capture/captured.ts';
import { startViewer, type Viewer } from '../../demo/viewer/server.ts';
import { aReceiver, type Receiver } from '../dispatch/receiver.ts';
import { findChromium } from '../support/browser/chromium.ts';

const executablePath = await findChromium();
if (executablePath === null)
  process.stderr.write('There is no Chromium: the viewer of the demo is not tested in a browser.\n');

/** A mail that tries to run scripts and to reach another host in every way. */
const hostileMail = (
  other: string,
) => `<html><head><title>x</title><meta http-equiv="refresh" content="0;url=${other}/refresh">
<link rel="stylesheet" href="${other}/style.css"><style>@import url(${other}/import.css);
@media (prefers-color-scheme: dark){body{background:rgb(1, 2, 3)}}</style></head>
<body onload="top.attacked=true" style="background-image:url(${other}/background.png)"><h1>Hello</h1>
<script>top.attacked=true;fetch('${other}/fetch')</script><img src="${other}/pixel.png" onerror="top.attacked=true">
<iframe src="${other}/frame"></iframe><form action="${other}/form"><button>Send</button></form></body></html>`;

let store: CaptureStore;
let viewer: Viewer;
let other: Receiver;
beforeAll(async () => {
  store = createCaptureStore();
  viewer = await startViewer(store, 0);
  other = await aReceiver();
  const captured = { kind: 'mail', to: 'ada@example.com', headers: [['X-Test', '<b>1</b>']], text: 'plain' } as const;
  store.add({ ...captured, subject: '<img src=x onerror="attacked=true">', html: hostileMail(other.url) });
});
afterAll(async () => {
  await viewer.close();
  await other.close();
});

describe('the viewer of the demo', () => {
  it('receives a webhook and lists it', async () => {
    const body = JSON.stringify({ title: 'New account', payload: { user_email: 'ada@example.com' } });

    const { status } = await fetch(viewer.webhookUrl, { method: 'POST', body });
    const [, webhook] = await (await fetch(`${viewer.url}/messages?after=0`)).json();

    expect(status).toBe(204);
    expect(webhook).toMatchObject({ kind: 'webhook', to: 'ada@example.com', subject: 'New account' });
    expect(await (await fetch(viewer.webhookUrl, { method: 'POST', body: '{' })).text()).toMatch(/JSON/);
  });

  it('refuses a request with the Host header of another host', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'other.example' };
      get(`${viewer.url}/messages?after=0`, { headers }, (answer) => resolve(answer.resume().statusCode)).on(
        'error',
        reject,
      );
    });

    expect(status).toBe(403);
  });

  it('shows the address that a button of a message leads to, and escapes it', async () => {
    const answer = await fetch(`${viewer.applicationUrl}/@ada/%3Cb%3E?x=1`);

    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(await answer.text()).toContain('<code>/@ada/%3Cb%3E</code>');
  });
});

(executablePath === null ? describe.skip : describe)('the viewer of the demo in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser?.close());

  it('shows a hostile mail without running its scripts or sending requests to other hosts', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(30_000);

    await page.goto(`${viewer.url}/#1`);
    await page.frameLocator('iframe').getByRole('heading', { name: 'Hello' }).waitFor();
    await page.frameLocator('iframe').getByRole('button', { name: 'Send' }).click();
    await page.getByRole('button', { name: 'Headers' }).click();
    await page.getByText('X-Test: <b>1</b>').waitFor();

    expect(await page.evaluate('window.attacked')).toBeUndefined();
    expect(other.requests).toEqual([]);
    await page.close();
  }, 60_000);

  it('shows a mail as on a phone and in dark colours', async () => {
    const page = await browser.newPage({ colorScheme: 'light' });
    page.setDefaultTimeout(30_000);
    await page.goto(`${viewer.url}/#1`);

    await page.getByRole('button', { name: 'Phone' }).click();
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.waitForFunction('document.querySelector("iframe").src.endsWith("dark")');
    const frame = page.frames()[1];
    await frame?.waitForURL(/scheme=dark/);

    expect((await page.locator('iframe').boundingBox())?.width).toBe(390);
    expect(await frame?.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(1, 2, 3)');
    await page.close();
  }, 60_000);
});
