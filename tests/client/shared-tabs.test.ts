import { expect, it } from '@jest/globals';
import { counts, describeTabs, shown, shows, type TabsStage } from './tabs-stage.ts';

const live = { status: 'live' };

describeTabs('the tabs of one origin', (stage: TabsStage) => {
  it('show what is written to a user over one connection', async () => {
    const alice = await stage.aUser('one');
    const browser = await stage.browser();
    const [first, second] = [await stage.tab(browser), await stage.tab(browser)];
    const [list, bell] = [await stage.inbox(first, alice), await stage.counts(first, alice)];
    await shows(list, { items: ['one'], ...live });
    const [other, otherBell] = [await stage.inbox(second, alice), await stage.counts(second, alice)];
    await shows(other, { items: ['one'], ...live });
    await stage.untilStreams(1);

    await stage.write(alice, 'two');

    for (const inbox of [list, other]) await shows(inbox, { items: ['two', 'one'], unread: 2, total: 2, ...live });
    for (const each of [bell, otherBell]) await counts(each, { unread: 2, unseen: 2, total: 2, status: 'live' });
    await stage.untilStreams(1);
  });

  it('of two users never mix', async () => {
    const [alice, bob] = [await stage.aUser('for Alice'), await stage.aUser('for Bob')];
    const browser = await stage.browser();
    const hers = await stage.inbox(await stage.tab(browser), alice);
    const his = await stage.inbox(await stage.tab(browser), bob);
    await shows(hers, { items: ['for Alice'], ...live });
    await shows(his, { items: ['for Bob'], ...live });
    await stage.untilStreams(2);

    await stage.write(alice, 'more for Alice');
    await stage.write(bob, 'more for Bob');

    await shows(hers, { items: ['more for Alice', 'for Alice'], unread: 2 });
    await shows(his, { items: ['more for Bob', 'for Bob'], unread: 2 });
  });

  it.each(['is closed', 'crashes'])('continue without loss when the tab with the connection %s', async (how) => {
    const alice = await stage.aUser('one');
    const browser = await stage.browser();
    const leading = await stage.tab(browser);
    await shows(await stage.inbox(leading, alice), live);
    const others = [
      await stage.inbox(await stage.tab(browser), alice),
      await stage.inbox(await stage.tab(browser), alice),
    ];
    for (const other of others) await shows(other, { items: ['one'], ...live });
    await stage.untilStreams(1);

    const gone = how === 'crashes' ? leading.waitForEvent('crash') : leading.waitForEvent('close');
    if (how === 'crashes') {
      const devtools = await browser.newCDPSession(leading);
      devtools.send('Page.crash').catch(() => undefined);
    } else {
      void leading.close();
    }
    await stage.write(alice, 'two');
    await gone;
    await stage.write(alice, 'three');

    for (const other of others) await shows(other, { items: ['three', 'two', 'one'], unread: 3, ...live });
    await stage.untilStreams(1);
  });

  it('follow a read mark, a seen mark and an undo of one of them', async () => {
    const alice = await stage.aUser('one', 'two', 'three');
    const browser = await stage.browser();
    const [first, second] = [await stage.tab(browser), await stage.tab(browser)];
    const [here, there] = [await stage.inbox(first, alice), await stage.inbox(second, alice)];
    const bell = await stage.counts(second, alice);
    await shows(here, { items: ['three', 'two', 'one'], unread: 3, unseen: 3, ...live });
    await shows(there, live);

    await here.evaluate((inbox) => inbox.markSeen());
    await counts(bell, { unread: 3, unseen: 0 });
    await shows(there, { unseen: 0, unread: 3 });
    expect(await there.evaluate((inbox) => inbox.current().items.map(({ seen }) => seen))).toEqual([true, true, true]);

    const operation = await here.evaluate(async (inbox) => {
      const { id, changed } = await inbox.change('read');
      return { id, changed };
    });
    expect(operation.changed).toBe(3);
    await shows(there, { items: ['(three)', '(two)', '(one)'], unread: 0 });
    await counts(bell, { unread: 0 });

    const undone = await there.evaluate((inbox, done) => inbox.undo(done), operation);
    expect(undone.changed).toBe(3);
    for (const inbox of [here, there]) await shows(inbox, { items: ['three', 'two', 'one'], unread: 3 });
    await counts(bell, { unread: 3 });
  });

  it('show a change at once in its row, and its figures when the service has told them', async () => {
    const alice = await stage.aUser('one');
    const inbox = await stage.inbox(await stage.tab(await stage.browser()), alice);
    await shows(inbox, live);

    const atOnce = await inbox.evaluate((client) => {
      const [item] = client.current().items;
      void client.setRead(item?.id ?? '', true);
      const { items, unread } = client.current();
      return { isRead: items[0]?.read_at !== null, unread };
    });

    expect(atOnce).toEqual({ isRead: true, unread: 1 });
    await shows(inbox, { items: ['(one)'], unread: 0 });
  });

  it('narrow what comes to the filter of each list', async () => {
    const alice = await stage.aUser('one', 'two');
    const page = await stage.tab(await stage.browser());
    const unread = await stage.inbox(page, alice, { filter: { read: false } });
    const archived = await stage.inbox(page, alice, { filter: { states: ['archived'] } });
    const found = await stage.inbox(page, alice, { filter: { search: 'two' } });
    for (const inbox of [unread, archived, found]) await shows(inbox, live);
    expect((await shown(found)).items).toEqual(['two']);

    await unread.evaluate((inbox) => inbox.archive(inbox.current().items[1]?.id ?? ''));
    await found.evaluate((inbox) => inbox.setRead(inbox.current().items[0]?.id ?? '', true));
    await stage.write(alice, 'another', 'twofold');

    await shows(unread, { items: ['twofold', 'another'], unread: 2 });
    await shows(archived, { items: ['one'], unread: 2 });
    await shows(found, { items: ['twofold', '(two)'], unread: 2 });
    await stage.untilStreams(1);
  });
});
