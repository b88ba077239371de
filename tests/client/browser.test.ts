import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type JSHandle, type Page } from 'playwright-core';
import type { createInbox as CreateInbox, InboxItem, InboxView, LiveInbox } from '../../packages/client/src/index.ts';
import { createUsers } from '../../src/users/write.ts';
import { type Person, startTestApp, type TestApp } from '../support/app.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { graphql } from '../support/client.ts';
import { patience } from '../support/patience.ts';
import { aProxy, type FaultyProxy } from '../support/proxy.ts';
import type { Transport } from './stage.ts';
import { aWebPage, type WebPage } from './web-page.ts';

const path = await findChromium();
if (path === null) process.stderr.write('There is no Chromium: the tests of the client in a browser are skipped.\n');

jest.setTimeout(4 * patience);

/** Runs in the page. */
declare const createInbox: typeof CreateInbox;

const create = `mutation ($recipient: directus_users_key!, $subject: String!) {
  create_notifications_item(data: { recipient: $recipient, subject: $subject }) { id } }`;
const markRead = 'mutation ($id: ID!) { set_notification_read_status(id: $id, is_read: true) { kind } }';
const archive = 'mutation ($id: ID!) { update_notifications_item(id: $id, data: { status: "archived" }) { id } }';
const whole = '{ inbox(limit: 100) { notifications { subject read_at } unread_count total_count } }';

interface Options {
  readonly url: string;
  readonly token: string;
  readonly transport: Transport;
}

(path === null ? describe.skip : describe)('the client in Chromium, in a page of another origin', () => {
  let app: TestApp;
  let allowedPage: WebPage;
  let browser: Browser;
  beforeAll(async () => {
    allowedPage = await aWebPage();
    app = await startTestApp({ CORS_ORIGIN: allowedPage.origin });
    browser = await chromium.launch({ ...(path !== null && { executablePath: path }) });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    await allowedPage?.close();
  });

  let proxy: FaultyProxy;
  let context: BrowserContext;
  let page: Page;
  let faults: Error[];
  beforeEach(async () => {
    faults = [];
    proxy = await aProxy({ port: Number(new URL(app.url).port) });
    context = await browser.newContext();
    page = await context.newPage();
    page.on('pageerror', (fault) => faults.push(fault));
    await open(allowedPage);
  });
  afterEach(async () => {
    await context.close();
    await proxy.close();
    expect(faults).toEqual([]);
  });

  async function open({ origin }: WebPage): Promise<void> {
    await page.goto(origin);
    await page.waitForFunction(() => 'createInbox' in globalThis);
  }

  /** A new user with these notifications, and the options of an inbox in the page. */
  async function aFollowedUser(transport: Transport, ...subjects: readonly string[]) {
    const token = `browser-token-${randomUUID()}`;
    const [id = ''] = await createUsers(app.contextOf(app.people.admin), [{ token }]);
    const person: Person = { id, token };
    const url = `http://127.0.0.1:${proxy.port}/graphql/system`;
    const options: Options = { url, token, transport };
    const as = async (who: Person, query: string, variables: Readonly<Record<string, unknown>>) => {
      const { body } = await graphql(app, who, query, variables);
      if (body.errors) throw new Error(body.errors[0].message);
      return body.data;
    };
    const keys: string[] = [];
    const write = async (subject: string) => {
      const { create_notifications_item: made } = await as(app.people.admin, create, { recipient: id, subject });
      keys.push(made.id);
    };
    for (const subject of subjects) await write(subject);
    return {
      options,
      write,
      keys,
      markRead: (key: string | undefined) => as(person, markRead, { id: key }),
      archive: (key: string | undefined) => as(person, archive, { id: key }),
      /** The state according to the service. */
      async truth(): Promise<Shown> {
        const { inbox } = await as(person, whole, {});
        return { items: inbox.notifications.map(marked), unread: inbox.unread_count, total: inbox.total_count };
      },
    };
  }

  describe.each<Transport>(['websocket', 'sse'])('over %s', (transport) => {
    it('the client in a browser shows what another client writes', async () => {
      const { options, write } = await aFollowedUser(transport, 'one', 'two');
      const inbox = await follow(page, options);
      await shows(page, inbox, { items: ['two', 'one'], unread: 2, total: 2 });

      await write('three');

      await shows(page, inbox, { items: ['three', 'two', 'one'], unread: 3, total: 3 });
    });

    it('the client in a browser shows a read mark immediately and keeps it', async () => {
      const { options, keys, truth } = await aFollowedUser(transport, 'one', 'two');
      const inbox = await follow(page, options);
      await shows(page, inbox, { items: ['two', 'one'], unread: 2, total: 2 });

      const atOnce = await inbox.evaluate(async (client, key) => {
        const sent = client.setRead(key, true);
        const { unread } = client.current();
        await sent;
        return unread;
      }, keys[0] ?? '');

      expect(atOnce).toBe(1);
      await shows(page, inbox, { items: ['two', '(one)'], unread: 1, total: 2 });
      expect(await truth()).toEqual({ items: ['two', '(one)'], unread: 1, total: 2 });
    });

    it.each(['a dead connection', 'being offline'])(
      'the client in a browser has every item and the true counts after %s',
      async (why) => {
        const { options, write, keys, truth, ...other } = await aFollowedUser(transport, 'one', 'two', 'three');
        const inbox = await follow(page, options);
        await shows(page, inbox, { items: ['three', 'two', 'one'], unread: 3, total: 3 });

        if (why === 'a dead connection') proxy.stall();
        else await context.setOffline(true);
        // Neither fault closes an open socket.
        proxy.cut();
        await page.waitForFunction((client) => client.current().status !== 'live', inbox);
        await other.markRead(keys[0]);
        await other.archive(keys[1]);
        await write('four');
        await write('five');
        await context.setOffline(false);
        proxy.resume();

        const now = { items: ['five', 'four', 'three', '(one)'], unread: 3, total: 4 };
        await shows(page, inbox, now);
        expect(await truth()).toEqual(now);
      },
    );

    it('the client in a browser closes without errors while connecting', async () => {
      const { options } = await aFollowedUser(transport);
      const inbox = await page.evaluateHandle((given) => {
        const client = createInbox(given);
        // The stream is opened in this turn of the event loop, so the client closes before the acknowledgement can arrive.
        client.subscribe(({ status }) => status === 'connecting' && queueMicrotask(() => client.close()));
        return client;
      }, options);

      await page.waitForFunction((client) => client.current().status === 'closed', inbox);
      await proxy.until((connections) => connections <= 1);
    });

    it('the client in a page whose origin is not allowed gets no data', async () => {
      const { options } = await aFollowedUser(transport, 'one');
      const stranger = await aWebPage();
      await open(stranger);

      const [code, view] = await page.evaluate(
        (given) =>
          new Promise<readonly [string, InboxView]>((resolve) => {
            const client = createInbox({ ...given, onError: (error) => resolve([error.code, client.current()]) });
          }),
        options,
      );

      expect(code).toBe('NETWORK');
      expect(view).toMatchObject({ items: [], total: 0 });
      await stranger.close();
    });
  });
});

/** An inbox in the page. */
function follow(page: Page, options: Options): Promise<JSHandle<LiveInbox>> {
  return page.evaluateHandle((given) => {
    const backOff = { firstMs: 10, mostMs: 50 };
    return createInbox({ ...given, token: async () => given.token, backOff, timeouts: { openMs: 500 } });
  }, options);
}

/** What an inbox shows; read notifications in parentheses. */
interface Shown {
  readonly items: readonly string[];
  readonly unread: number;
  readonly total: number;
}

const marked = ({ subject, read_at }: Pick<InboxItem, 'subject' | 'read_at'>) =>
  read_at === null ? subject : `(${subject})`;

const shownIn = ({ items, unread, total }: InboxView): Shown => ({ items: items.map(marked), unread, total });

/** Waits until the page is live and shows exactly this. */
async function shows(page: Page, inbox: JSHandle<LiveInbox>, wanted: Shown): Promise<void> {
  const isSoon = page.waitForFunction(
    ({ client, unread, total, count }) => {
      const now = client.current();
      return now.status === 'live' && now.unread === unread && now.total === total && now.items.length === count;
    },
    { client: inbox, unread: wanted.unread, total: wanted.total, count: wanted.items.length },
    { timeout: patience },
  );
  await isSoon.catch(() => undefined);
  const view = await inbox.evaluate((client) => client.current());
  expect({ status: view.status, ...shownIn(view) }).toEqual({ status: 'live', ...wanted });
}
