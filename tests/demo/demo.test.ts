import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium } from 'playwright-core';
import { findChromium } from '../support/browser/chromium.ts';
import { takePicture } from '../support/browser/pictures.ts';
import { temporaryFolder } from '../support/server.ts';

// The demo as `npm run demo` starts it, in a process of its own.

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

interface Running {
  readonly serviceUrl: string;
  readonly viewerUrl: string;
  stop(): Promise<{ readonly code: number | null; readonly said: string }>;
}

async function startDemo(folder: string): Promise<Running> {
  const child = spawn(process.execPath, ['--import', file('../support/typescript.mjs'), file('../../demo/main.ts')], {
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: folder, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let said = '';
  const urls = new Promise<{ serviceUrl: string; viewerUrl: string }>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, viewerUrl, serviceUrl] =
          /Mails and webhooks +(\S+)\n +Start page +(\S+)[\s\S]*Ctrl-C/.exec(said) ?? [];
        if (viewerUrl !== undefined && serviceUrl !== undefined) resolve({ serviceUrl, viewerUrl });
      });
    }
    ended.then(() => reject(new Error(`The demo ended, and said: ${said}`)));
  });
  return {
    ...(await urls),
    async stop() {
      child.kill('SIGINT');
      const [code] = await ended;
      return { code, said };
    },
  };
}

/** Repeats `ask` until its result is the wanted one. */
async function until<Result>(ask: () => Promise<Result>, isWanted: (result: Result) => boolean): Promise<Result> {
  for (;;) {
    const result = await ask();
    if (isWanted(result)) return result;
    await delay(100);
  }
}

describe('the demo', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let demo: Running;
  beforeAll(async () => {
    folder = await temporaryFolder();
    demo = await startDemo(folder.path);
  }, 120_000);
  afterAll(() => folder?.remove());

  async function graphql(query: string, token = 'demo-token-of-admin') {
    const answer = await fetch(`${demo.serviceUrl}/graphql/system`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data } = await answer.json();
    return data;
  }
  const messages = async () => (await fetch(`${demo.viewerUrl}/messages?after=0`)).json();
  const countOf = async (filter: string) =>
    Number(
      (await graphql(`{ notifications_aggregated(filter: ${filter}) { count { id } } }`)).notifications_aggregated[0]
        .count.id,
    );

  it('has a week of notifications in each state, for several people', async () => {
    const { notifications } = await graphql(
      '{ notifications(limit: -1) { timestamp status sender { id } recipient { username } } }',
    );
    const ages = notifications.map(({ timestamp }: { timestamp: string }) => Date.now() - Date.parse(timestamp));
    const day = 86_400_000;

    expect(await countOf('{ status: { _eq: "archived" } }')).toBeGreaterThanOrEqual(5);
    expect(await countOf('{ status: { _eq: "inbox" }, read_at: { _null: true } }')).toBeGreaterThanOrEqual(15);
    expect(await countOf('{ status: { _eq: "inbox" }, read_at: { _nnull: true } }')).toBeGreaterThanOrEqual(15);
    expect(Math.max(...ages)).toBeGreaterThan(6 * day);
    expect(Math.max(...ages)).toBeLessThan(7 * day + 600_000);
    expect(new Set(ages.map((age: number) => Math.floor(age / day))).size).toBe(7);
    expect(new Set(notifications.map((row: { recipient: { username: string } }) => row.recipient.username)).size).toBe(
      4,
    );
  });

  it('accepts the token of a person', async () => {
    const { users_me: ada } = await graphql('{ users_me { username } }', 'demo-token-of-ada');
    const { inbox } = await graphql(
      '{ inbox { unread_count notifications { actions { label } } } }',
      'demo-token-of-ada',
    );

    expect(ada).toEqual({ username: 'ada' });
    expect(inbox.unread_count).toBeGreaterThan(5);
  });

  it('keeps sending new notifications', async () => {
    const count = () => countOf('{ id: { _gt: 0 } }');
    const before = await count();

    await expect(until(count, (now) => now > before)).resolves.toBeGreaterThan(before);
  }, 60_000);

  it('shows the mails and webhooks that were sent', async () => {
    type Message = { id: number; kind: string };
    const list = await until(messages, (all: Message[]) => all.some(({ kind }) => kind === 'mail'));
    const id = list.find(({ kind }: Message) => kind === 'mail')?.id;
    const mail = await (await fetch(`${demo.viewerUrl}/messages/${id}`)).json();
    const html = await (await fetch(`${demo.viewerUrl}/messages/${id}/html`)).text();

    expect(list.map(({ kind }: Message) => kind)).toContain('webhook');
    expect(mail.text).toContain('Unsubscribe: ');
    expect(mail.headers.map(([name]: [string]) => name)).toContain('List-Unsubscribe-Post');
    expect(html).toContain('<table');
  }, 60_000);

  it('shows the messages in a browser, newest first', async () => {
    const executablePath = await findChromium();
    if (executablePath === null) {
      process.stderr.write('There is no Chromium: the viewer of the demo is not tested in a browser.\n');
      return;
    }
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const page = await browser.newPage({ viewport: { width: 1200, height: 720 }, deviceScaleFactor: 1.5 });
    page.setDefaultTimeout(30_000);

    await page.goto(demo.viewerUrl);
    await page.getByRole('button', { name: 'Workspace old-notebook is gone' }).click();
    await page.frameLocator('iframe').getByRole('link', { name: 'My workspaces' }).waitFor();
    const ids = await page
      .locator('#list button')
      .evaluateAll((buttons) => buttons.map(({ dataset }) => Number(dataset['id'])));

    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(await takePicture(page, 'demo-viewer', { fullPage: false })).toBeLessThan(150_000);
    await browser.close();
  }, 90_000);

  it('ends at Ctrl-C and leaves nothing behind', async () => {
    const { code, said } = await demo.stop();

    expect({ code, left: (await readdir(folder.path)).filter((name) => name.startsWith('tidings')) }).toEqual({
      code: 0,
      left: [],
    });
    expect(said).toContain('Stopping');
    await expect(fetch(demo.serviceUrl)).rejects.toThrow();
    await expect(fetch(demo.viewerUrl)).rejects.toThrow();
  }, 60_000);
});
