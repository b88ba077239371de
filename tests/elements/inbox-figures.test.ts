import { it } from '@jest/globals';
import type { Page, Request } from 'playwright-core';
import type { Person } from '../support/app.ts';
import { anInboxPage, type InboxPage, untilEqual } from './support/inbox-page.ts';
import { describeElements, type Stage } from './support/stage.ts';

const steps = 200;
const seed = Number(process.env['FIGURES_SEED'] ?? 20_261_130);
const tabs = ['all', 'unread', 'saved', 'snoozed', 'archived'] as const;
const states = {
  all: '{}',
  unread: '{ read: false }',
  saved: '{ saved: true, states: [inbox, snoozed, archived] }',
  snoozed: '{ states: [snoozed] }',
  archived: '{ states: [archived] }',
} as const;

/** A generator of numbers below `limit`, the same for the same seed (mulberry32). */
function randomFrom(start: number): (limit: number) => number {
  let state = start;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Counts the writes of a page that are not answered. */
function watchWrites(page: Page): () => number {
  const open = new Set<Request>();
  page.on('request', (request) => {
    if (request.postData()?.includes('mutation')) open.add(request);
  });
  page.on('requestfinished', (request) => open.delete(request));
  page.on('requestfailed', (request) => open.delete(request));
  return () => open.size;
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Figures as the tabs show them. */
const written = (figures: Readonly<Record<string, number | string>>): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, String(figure).replace(/^0$/, '')])),
  archived: '',
});

describeElements('the figures of the tabs', (stage: Stage) => {
  async function recount({ id }: Person): Promise<Readonly<Record<string, string>>> {
    const [row] = await stage.app.db.query<Record<string, number | string>>({
      text: `select count(*) filter (where status = 'inbox') as all,
          count(*) filter (where status = 'inbox' and read_at is null) as unread,
          count(*) filter (where saved_at is not null) as saved,
          count(*) filter (where status = 'archived' and snoozed_until is not null) as snoozed
        from notifications where recipient_id = $1`,
      values: [id],
    });
    return written(row ?? {});
  }

  /** The figures that the service answers. */
  async function answered(person: Person): Promise<Readonly<Record<string, string>>> {
    const query =
      '{ inbox(limit: 0) { all: total_count unread: unread_count saved: saved_count snoozed: snoozed_count } }';
    const { inbox } = await stage.ask<{ inbox: Record<string, number> }>(person, query);
    return written({ ...inbox });
  }

  async function listed(person: Person, tab: keyof typeof states): Promise<readonly string[]> {
    const query = `{ inbox(limit: 50, filter: ${states[tab]}) { notifications { subject } } }`;
    const { inbox } = await stage.ask<{ inbox: { notifications: { subject: string }[] } }>(person, query);
    return inbox.notifications.map(({ subject }) => subject);
  }

  async function act({ page, press }: InboxPage, random: (limit: number) => number): Promise<void> {
    const kind = random(10);
    if (kind === 0) return page.locator(`#tab-${tabs[random(tabs.length)]}`).click();
    if (kind <= 2) return press('z');
    // The first key goes to the row that Tab would reach.
    await press('j', 'Home', ...Array.from({ length: random(6) }, () => 'j'));
    if (kind <= 5) await press(...Array.from({ length: 1 + random(4) }, () => ['x', 'j']).flat());
    const all = page.locator('[part~="select-all"] input');
    if (kind === 3 && (await all.count()) > 0) await all.click({ timeout: 1000 }).catch(() => undefined);
    const key = ['e', 'u', 's', 'u', 's', 'h'][random(6)] ?? 'e';
    await press(key);
    if (key === 'h') await press('Enter');
    await press('Escape', 'Escape');
  }

  it(`equal a recount after ${steps} random actions and undos in two tabs (seed ${seed})`, async () => {
    const person = await stage.aUser(...Array.from({ length: 40 }, (_, index) => `Subject ${index}`));
    const first = await anInboxPage(stage, person);
    const second = await anInboxPage(stage, person, { device: first.device });
    const pages = [first, second];
    const writes = pages.map(({ page }) => watchWrites(page));
    const random = randomFrom(seed);

    for (let step = 0; step < steps; step += 1) await act(pages[random(2)] ?? first, random);
    // A write is sent when the one before is answered, so that for a moment none may be on its way.
    const figures = async () => {
      if (writes.some((count) => count() > 0)) return 'writing';
      const counted = await recount(person);
      const all = [await answered(person), ...(await Promise.all(pages.map((one) => one.figures())))];
      return all.every((one) => isSame(one, counted)) ? 'equal' : { counted, all };
    };
    await untilEqual(figures, 'equal');
    for (const tab of tabs) {
      for (const { page, subjects: drawn } of pages) {
        await page.locator(`#tab-${tab}`).click();
        await page.mouse.move(600, 20);
        const pill = page.locator('[part~="pill"]');
        const lists = async () => {
          // Rows that came while the list was in use are held back until somebody asks for them.
          if (await pill.isVisible()) await pill.click();
          const [wanted, shown] = [await listed(person, tab), await drawn()];
          return isSame(shown.slice(0, 8), wanted.slice(0, 8)) ? 'equal' : { wanted, shown };
        };
        await untilEqual(lists, 'equal');
      }
    }
    await untilEqual(figures, 'equal');
  }, 300_000);
});
