import { expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import type { InboxAction, InboxFilter } from '../../packages/client/src/index.ts';
import { type Random, randomFor } from '../faults/live-figures.ts';
import type { Person } from '../support/app.ts';
import { counts, describeTabs, expectSoon, type SharedInbox, shows, type TabsStage } from './tabs-stage.ts';

const actions = ['read', 'unread', 'archive', 'unarchive', 'save', 'unsave', 'snooze', 'unsnooze'] as const;
const filters: readonly InboxFilter[] = [
  {},
  { read: false },
  { states: ['archived', 'snoozed'] },
  { states: ['inbox', 'archived'], saved: true },
  { states: ['inbox', 'snoozed', 'archived'], not: { read: true, saved: false } },
  { search: 'even' },
];
const figuresDocument = '{ inbox(limit: 0) { unread_count unseen_count total_count saved_count snoozed_count } }';
const until = '2099-01-01T00:00:00.000Z';
const pageSize = 200;

interface Tab {
  readonly page: Page;
  readonly filter: InboxFilter;
  readonly inbox: SharedInbox;
}

describeTabs('tabs with random lists, under random changes', (stage: TabsStage) => {
  async function open(browser: BrowserContext, person: Person, filter: InboxFilter): Promise<Tab> {
    const page = await stage.tab(browser);
    return { page, filter, inbox: await stage.inbox(page, person, { filter, pageSize }) };
  }

  /** A bulk change of some keys, or of all that the list shows, made in a tab. Returns the id of the operation. */
  function change({ inbox }: Tab, random: Random, keys: readonly string[]): Promise<string | undefined> {
    const action: InboxAction = random.pick(actions);
    const some = random.next() < 0.2 ? undefined : keys.filter(() => random.next() < 0.2);
    return inbox.evaluate(
      async (client, { action, some, until }) => {
        const end = action === 'snooze' && { until: new Date(until) };
        const sent = client.change(action, { ...(some && { keys: some }), ...end });
        return sent.then(
          ({ id }) => id,
          () => undefined,
        );
      },
      { action, some, until },
    );
  }

  const undo = ({ inbox }: Tab, id: string) =>
    inbox.evaluate(
      (client, id) =>
        client.undo({ id }).then(
          () => undefined,
          () => undefined,
        ),
      id,
    );

  it('never show figures that the service never had, and end with the right ones after 200 of them', async () => {
    const random = randomFor('figures of tabs');
    const alice = await stage.aUser();
    const keys = await stage.write(alice, ...Array.from({ length: 40 }, (_, position) => `${position}`));
    const browser = await stage.browser();
    const tabs = [
      await open(browser, alice, {}),
      await open(browser, alice, { read: false }),
      await open(browser, alice, { saved: true, states: ['inbox', 'archived'] }),
    ];
    const bell = await stage.counts(await stage.tab(browser), alice);
    for (const { inbox } of tabs) await shows(inbox, { status: 'live' });
    await counts(bell, { status: 'live' });
    for (const each of [...tabs.map(({ inbox }) => inbox), bell]) {
      await (each as SharedInbox).evaluate((client) => {
        const seen = new Set<string>();
        client.subscribe(({ unread, unseen, total, saved, snoozed }) => {
          seen.add([unread, unseen, total, saved, snoozed].join());
        });
        Object.assign(client, { seen });
      });
    }
    const figures = async () => {
      const { inbox } = await stage.ask(alice, figuresDocument);
      return Object.values(inbox).join();
    };
    const had = new Set([await figures()]);
    const operations: string[] = [];

    for (let made = 0; made < 200; made += 1) {
      const tab = random.pick(tabs);
      const former = random.next() < 0.25 ? operations.splice(random.below(operations.length), 1)[0] : undefined;
      if (former !== undefined) await undo(tab, former);
      else if (random.next() < 0.05) await tab.inbox.evaluate((client) => client.markSeen());
      else {
        const id = await change(tab, random, keys);
        if (id !== undefined) operations.push(id);
      }
      had.add(await figures());
    }

    expect(had.size).toBeGreaterThan(50);
    const truth = await figures();
    for (const each of [...tabs.map(({ inbox }) => inbox), bell]) {
      const current = () =>
        (each as SharedInbox).evaluate((client) => {
          const { unread, unseen, total, saved, snoozed } = client.current();
          return [unread, unseen, total, saved, snoozed].join();
        });
      await expectSoon(current, truth);
      const seen = await (each as SharedInbox).evaluate((client) => [
        ...(client as unknown as { seen: Set<string> }).seen,
      ]);
      expect(seen.filter((shownFigures) => !had.has(shownFigures))).toEqual([]);
    }
  }, 180_000);

  it.each([1, 2])(
    'equal a fresh load although tabs come and go (run %d)',
    async (run) => {
      const random = randomFor(`tabs ${run}`);
      const alice = await stage.aUser();
      const browser = await stage.browser();
      const tabs = [await open(browser, alice, {}), await open(browser, alice, random.pick(filters))];
      const keys: string[] = [];
      const operations: string[] = [];

      for (let step = 0; step < 120; step += 1) {
        const tab = random.pick(tabs);
        const chance = random.next();
        if (chance < 0.3) {
          keys.push(
            ...(await stage.write(alice, ...Array.from({ length: 1 + random.below(3) }, () => subject(random)))),
          );
        } else if (chance < 0.5 && keys.length > 0) {
          const data = { ids: [random.pick(keys)], action: random.pick(actions.slice(0, 6)) };
          await stage.ask(alice, 'mutation ($data: change_inbox_input!) { change_inbox(data: $data) { id } }', {
            data,
          });
        } else if (chance < 0.6 && keys.length > 0) {
          const [key] = keys.splice(random.below(keys.length), 1);
          const remove = 'mutation ($id: ID!) { delete_notifications_item(id: $id) { id } }';
          await stage.ask(stage.app.people.admin, remove, { id: key });
        } else if (chance < 0.8) {
          const id = await change(tab, random, keys);
          if (id !== undefined) operations.push(id);
        } else if (chance < 0.85 && operations.length > 0) {
          await undo(tab, random.pick(operations));
        } else if (chance < 0.9) {
          // The oldest tab usually has the connection.
          await tabs.shift()?.page.close();
          while (tabs.length < 2) tabs.push(await open(browser, alice, random.pick(filters)));
        } else if (chance < 0.95) {
          stage.proxy.cut();
        } else if (tabs.length < 4) {
          tabs.push(await open(browser, alice, random.pick(filters)));
        }
      }

      const other = await stage.browser();
      for (const { inbox, filter } of tabs) {
        const fresh = await open(other, alice, filter);
        await shows(fresh.inbox, { status: 'live' });
        await expectSoon(() => contents(inbox), await contents(fresh.inbox));
      }
    },
    180_000,
  );
});

/** All of the view that does not depend on when it was loaded. Nothing in the stream tells that a single one was seen. */
const contents = (from: SharedInbox) =>
  from.evaluate((client) => {
    const { items, cursor: _cursor, ...rest } = client.current();
    return { items: items.map(({ seen: _seen, ...item }) => item), ...rest };
  });

const subject = (random: Random) => (random.next() < 0.5 ? 'even' : 'odd') + random.below(1000);
