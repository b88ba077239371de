import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Person } from '../support/app.ts';
import {
  counts,
  describeTabs,
  expectSoon,
  hide,
  type SharedInbox,
  shown,
  shows,
  type TabsStage,
} from './tabs-stage.ts';

const live = { status: 'live' };
const change = 'mutation ($data: change_inbox_input!) { change_inbox(data: $data) { id } }';
const remove = 'mutation ($id: ID!) { delete_notifications_item(id: $id) { id } }';

describeTabs('the shared connection of tabs', (stage: TabsStage) => {
  /** Tabs in one browser, each with the person's inbox, the first with the connection. */
  async function followed(person: Person, count: number, options: Parameters<TabsStage['inbox']>[2] = {}) {
    const browser = await stage.browser();
    const tabs: { readonly page: Page; readonly inbox: SharedInbox }[] = [];
    for (let made = 0; made < count; made += 1) {
      const page = await stage.tab(browser);
      const inbox = await stage.inbox(page, person, options);
      await shows(inbox, live);
      tabs.push({ page, inbox });
    }
    await stage.untilStreams(1);
    return { browser, tabs, pages: tabs.map(({ page }) => page), inboxes: tabs.map(({ inbox }) => inbox) };
  }

  it.each(['offline', 'cut off'])('resumes with everything after 50 changes while it was %s', async (how) => {
    const subjects = Array.from({ length: 30 }, (_, position) => `before ${position}`);
    const alice = await stage.aUser();
    const keys = await stage.write(alice, ...subjects);
    const { browser, inboxes } = await followed(alice, 2, { pageSize: 100 });

    if (how === 'offline') await browser.setOffline(true);
    else stage.proxy.stall();
    stage.proxy.cut();
    for (const inbox of inboxes) await expectSoon(async () => (await shown(inbox)).status !== 'live', true);
    for (const [position, key] of keys.entries()) {
      const action = ['read', 'archive', undefined, 'save', 'read'][position % 5];
      if (action) await stage.ask(alice, change, { data: { ids: [key], action } });
      else await stage.ask(stage.app.people.admin, remove, { id: key });
    }
    for (let written = 0; written < 20; written += 1) await stage.write(alice, `after ${written}`);
    if (how === 'offline') await browser.setOffline(false);
    stage.proxy.resume();

    const fresh = await stage.inbox(await stage.tab(await stage.browser()), alice, { pageSize: 100 });
    await shows(fresh, live);
    const truth = await shown(fresh);
    expect(truth.items).toHaveLength(38);
    for (const inbox of inboxes) await shows(inbox, truth);
  });

  it('is given to another tab when its tab is hidden for long, and closed when all are', async () => {
    const alice = await stage.aUser('one');
    const { pages, inboxes } = await followed(alice, 2, { hiddenMs: 50 });
    const [first, second] = pages as [Page, Page];
    const [here, there] = inboxes as [SharedInbox, SharedInbox];

    await hide(first, true);
    await shows(there, live);
    await stage.write(alice, 'two');
    for (const inbox of [here, there]) await shows(inbox, { items: ['two', 'one'], ...live });
    await stage.untilStreams(1);

    await hide(second, true);
    await stage.untilStreams(0);
    await shows(there, { status: 'waiting' });
    await stage.write(alice, 'three');

    await hide(first, false);
    for (const inbox of [here, there]) await shows(inbox, { items: ['three', 'two', 'one'], unread: 3, ...live });
    await stage.untilStreams(1);
  });

  it('is opened with the token of another tab when its own is refused', async () => {
    const alice = await stage.aUser('one');
    const made = await stage.ask(
      stage.app.people.admin,
      `mutation ($user: ID!) { create_access_token(data: { user: $user, name: "tab" }) { id token } }`,
      { user: alice.id },
    );
    const browser = await stage.browser();
    const [first, second] = [await stage.tab(browser), await stage.tab(browser)];
    const revoked = await stage.inbox(first, { ...alice, token: made.create_access_token.token });
    await shows(revoked, live);
    const valid = await stage.inbox(second, alice);
    await shows(valid, live);

    await stage.ask(stage.app.people.admin, `mutation ($id: ID!) { delete_access_token(id: $id) { id } }`, {
      id: made.create_access_token.id,
    });
    await stage.write(alice, 'two');
    for (const inbox of [revoked, valid]) await shows(inbox, { items: ['two', 'one'], ...live });
    await stage.untilStreams(1);

    await stage.ask(
      stage.app.people.admin,
      `mutation ($id: ID!) { update_users_item(id: $id, data: { token: null }) { id } }`,
      {
        id: alice.id,
      },
    );
    for (const inbox of [revoked, valid]) await shows(inbox, { status: 'refused' });
    await stage.untilStreams(0);
  });

  it('is one for each tab where there are no Web Locks', async () => {
    const alice = await stage.aUser('one');
    const browser = await stage.browser();
    await browser.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined }));
    const inboxes = [
      await stage.inbox(await stage.tab(browser), alice),
      await stage.inbox(await stage.tab(browser), alice),
    ];
    for (const inbox of inboxes) await shows(inbox, live);
    await stage.untilStreams(2);

    await stage.write(alice, 'two');

    for (const inbox of inboxes) await shows(inbox, { items: ['two', 'one'], unread: 2 });
  });

  it('stays open while one list closes and the next opens, and closes after the last', async () => {
    const alice = await stage.aUser('one');
    const { pages, inboxes } = await followed(alice, 1);
    const [page, inbox] = [pages[0] as Page, inboxes[0] as SharedInbox];
    let streams = 0;
    page.on('request', (request) => {
      if (request.headers()['accept'] === 'text/event-stream') streams += 1;
    });

    await inbox.evaluate((client) => client.close());
    const next = await stage.inbox(page, alice, { filter: { states: ['archived'] } });
    await shows(next, { items: [], ...live });
    const bell = await stage.counts(page, alice);
    await counts(bell, { unread: 1, status: 'live' });
    await stage.untilStreams(1);
    expect(streams).toBe(0);

    await next.evaluate((client) => client.close());
    await bell.evaluate((client) => client.close());
    await stage.untilStreams(0);
  });
});
