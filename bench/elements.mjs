// `npm run bench -- elements`: the time from a commit to the painted row, and the time in which other tabs and badges
// follow a read mark, in Chromium (`CHROMIUM_PATH`, default `/usr/bin/chromium`).
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { openStage } from './live-stage.mjs';
import { print, table } from './report.mjs';
import { adminToken, memberToken, recipientId } from './seed.mjs';

const arrivals = 300;
const reads = 100;
const tabs = 4;
/** The median pause between two writes; it varies, so that writes do not keep step with frames. */
const pauseMs = 60;
const patienceMs = 30_000;
/** At most, in milliseconds, for 99 of 100. */
const marks = { arrival: 100, read: 300 };

const create = `mutation ($recipient: directus_users_key!, $subject: String!) {
  create_notifications_item(data: { recipient: $recipient, subject: $subject, message: "Three tests failed." }) { id } }`;
const readAll = 'mutation { mark_all_notifications_as_read { unread_count } }';

/** Measures both, and prints a table. */
export async function benchElements() {
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  const stage = await openStage({ people: 1 });
  let browser;
  try {
    const { url } = await stage.startService('memory');
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.addInitScript(watchElements);
    const pages = [];
    for (let tab = 0; tab < tabs; tab += 1) pages.push(await openTab(context, url));
    const rows = [
      ['commit to painted row', ...figuresOf(await measureArrivals(stage, pages[0], url), marks.arrival)],
      ...(await measureReads(pages, url)).map(([what, times]) => [what, ...figuresOf(times, marks.read)]),
    ];
    print(
      `\nChromium ${browser.version()}, ${tabs} tabs over one connection; service and PostgreSQL on the same cores.\n`,
    );
    table(['milliseconds', 'number', 'p50', 'p99', 'worst', 'at most'], rows);
  } finally {
    await browser?.close();
    await stage.close();
  }
}

/** A page of the service's origin with a bell and an inbox, when both are loaded. */
async function openTab(context, url) {
  const page = await openWindow(context);
  page.setDefaultTimeout(patienceMs);
  const attributes = `url="${url}/graphql/system" token="${memberToken(1)}"`;
  await page.route(`${url}/bench`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>Bench</title><script type="module" src="/elements/index.js"></script>
        <tidings-bell count="unread" ${attributes}></tidings-bell>
        <tidings-inbox layout="page" ${attributes}></tidings-inbox>`,
    }),
  );
  await page.goto(`${url}/bench`);
  await page.waitForFunction(() => globalThis.watched.isReady());
  return page;
}

/** A page in a window of its own: the frames of a tab behind another one come once a second. */
async function openWindow(context) {
  const [first = await context.newPage()] = context.pages();
  const session = await context.newCDPSession(first);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  const opened = context.waitForEvent('page');
  await session.send('Target.createTarget', {
    url: 'about:blank',
    newWindow: true,
    browserContextId: targetInfo.browserContextId,
  });
  await session.detach();
  return opened;
}

/** Runs in each page: records the time of the frame after a row or the badge has changed. */
function watchElements() {
  const now = () => performance.timeOrigin + performance.now();
  /** Key of a row, and whether it is unread, to the time when it was first painted so. */
  const rows = new Map();
  const badges = [];
  let badge;
  let isFramed = false;
  const part = (tag, selector) => document.querySelector(tag)?.shadowRoot?.querySelectorAll(selector) ?? [];

  function paint() {
    isFramed = false;
    const at = now();
    for (const row of part('tidings-inbox', '[data-key]')) {
      const state = `${row.dataset.key} ${row.classList.contains('unread')}`;
      if (!rows.has(state)) rows.set(state, at);
    }
    const text = part('tidings-bell', '.badge')[0]?.textContent;
    if (text !== badge) badges.push({ text, at });
    badge = text;
  }
  const observer = new MutationObserver(() => {
    if (!isFramed) requestAnimationFrame(paint);
    isFramed = true;
  });
  const what = { subtree: true, childList: true, attributes: true, characterData: true };
  globalThis.watched = {
    isReady() {
      const roots = ['tidings-inbox', 'tidings-bell'].map((tag) => document.querySelector(tag)?.shadowRoot);
      if (roots.some((root) => !root) || part('tidings-inbox', '[data-key]').length === 0) return false;
      for (const root of roots) observer.observe(root, what);
      paint();
      return true;
    },
    /** The counts come before all rows have followed. */
    isAllRead: () => badges.at(-1)?.text === '' && part('tidings-inbox', '.unread[data-key]').length === 0,
    rows: () => [...rows],
    badges: () => badges,
    forget() {
      rows.clear();
      badges.length = 0;
    },
    /** Presses the button of the first row. Returns its key, whether it was unread, and the time. */
    press() {
      const row = part('tidings-inbox', '[data-key]')[0];
      const isUnread = row.classList.contains('unread');
      const at = now();
      row.querySelector(`[data-do=${isUnread ? 'read' : 'unread'}]`).click();
      return { key: row.dataset.key, isUnread, at };
    },
  };
}

async function measureArrivals({ client }, page, url) {
  const keys = [];
  for (let written = 0; written < arrivals; written += 1) {
    keys.push(await write(url, `Build ${written} failed`));
    await delay(pauseMs * (0.5 + Math.random()));
  }
  await page.waitForFunction(
    (key) => globalThis.watched.rows().some(([state]) => state === `${key} true`),
    keys.at(-1),
  );
  const painted = new Map(await page.evaluate(() => globalThis.watched.rows()));
  const { rows } = await client.query(
    `select id::text as key, extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000 as at
     from notifications where id = any($1::int[])`,
    [keys],
  );
  return rows.map(({ key, at }) => {
    const time = painted.get(`${key} true`);
    if (time === undefined) throw new Error(`${key} was not painted`);
    return time - Number(at);
  });
}

async function write(url, subject) {
  const made = await ask(url, adminToken, create, { recipient: recipientId(1), subject });
  return made.create_notifications_item.id;
}

async function ask(url, token, query, variables = {}) {
  const response = await fetch(`${url}/graphql/system`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** The first tab marks its first row as read and as unread in turns; the others follow. */
async function measureReads(pages, url) {
  const [first, ...others] = pages;
  // A badge shows no more than 99, so it would not change.
  await ask(url, memberToken(1), readAll);
  for (const page of pages) await page.waitForFunction(() => globalThis.watched.isAllRead());
  const times = { rows: [], badges: [] };
  for (let round = 0; round < reads; round += 1) {
    for (const page of others) await page.evaluate(() => globalThis.watched.forget());
    const pressed = await first.evaluate(() => globalThis.watched.press());
    const state = `${pressed.key} ${!pressed.isUnread}`;
    for (const page of others) {
      const followed = await page.waitForFunction((wanted) => {
        const row = globalThis.watched.rows().find(([state]) => state === wanted);
        const badge = globalThis.watched.badges().at(-1);
        return row && badge && { row: row[1], badge: badge.at };
      }, state);
      const { row, badge } = await followed.jsonValue();
      times.rows.push(row - pressed.at);
      times.badges.push(badge - pressed.at);
    }
    await delay(pauseMs * (0.5 + Math.random()));
  }
  return [
    ['pressed in one tab to painted row in another', times.rows],
    ['pressed in one tab to painted badge in another', times.badges],
  ];
}

function figuresOf(times, most) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const p99 = at(0.99);
  if (p99 > most) process.exitCode = 1;
  const shown = [at(0.5), p99, at(1)].map((time) => time.toFixed(1));
  return [String(times.length), ...shown, p99 > most ? `**${most}**` : String(most)];
}
