import type { Page } from 'playwright-core';
import type { Person } from '../../support/app.ts';
import type { Device, DeviceOptions, PageOptions } from './device.ts';
import type { Stage } from './stage.ts';

/** A state of the elements that the docs show. */
export interface Scene {
  /** Inside `<body>`. */
  readonly html: string;
  /** Of the window, in pixels. */
  readonly size: readonly [width: number, height: number];
  /** Whose inbox it shows. Default: that of a user with a week of notifications. */
  readonly of?: 'nobody' | 'refused';
  readonly options?: PageOptions;
  readonly device?: DeviceOptions;
  /** Before the page opens. */
  readonly before?: (device: Device) => Promise<unknown>;
  /** Brings the page into the state to show. */
  readonly act: (
    page: Page,
    more: { readonly device: Device; readonly person: Person; readonly stage: Stage },
  ) => Promise<unknown>;
}

const hosted = (bell: string) =>
  `<header><b>Example</b>${bell}</header><main><h1>Projects</h1><p>Platform</p><p>Billing</p><p>Website</p></main>`;
const inbox = (attributes = '') =>
  `<main class="whole"><h1>Inbox</h1><tidings-inbox ${attributes}></tidings-inbox></main>`;
const panel = [440, 620] as const;
const wide = [1000, 580] as const;

const rowOf = (page: Page, subject: string) => page.locator('tidings-inbox article', { hasText: subject });
/** The keys are loaded after the list. */
const loaded = async (page: Page) => {
  await rowOf(page, 'Your export is ready').waitFor();
  await page.waitForFunction(
    "(document.querySelector('tidings-inbox') ?? document.querySelector('tidings-bell').shadowRoot.querySelector('tidings-inbox')).isReady",
  );
};
const state = (page: Page, text: string) => page.locator('tidings-inbox').getByText(text).first().waitFor();
const messageOf = (page: Page) => page.locator('[part~=message-body]').getByText('delivery retries after a timeout');
const press = (page: Page, key: string) => page.locator('tidings-inbox article').first().press(key);

/** By the name of their pictures. */
export const scenes: Readonly<Record<string, Scene>> = {
  bell: {
    html: hosted('<tidings-bell></tidings-bell>'),
    size: [860, 640],
    async act(page) {
      await page.getByRole('button', { name: 'Notifications, 3 new, 4 unread' }).click();
      await loaded(page);
    },
  },
  page: {
    html: inbox('layout="page"'),
    size: wide,
    async act(page) {
      await loaded(page);
      await rowOf(page, 'The nightly build failed').click();
      await messageOf(page).waitFor();
      await page.mouse.move(0, 0);
    },
  },
  selection: {
    html: inbox(),
    size: panel,
    async act(page) {
      await loaded(page);
      for (const subject of ['Your export is ready', 'The nightly build failed', 'Invoice 2026-03'])
        await rowOf(page, subject).getByRole('checkbox').check({ force: true });
    },
  },
  snooze: {
    html: inbox(),
    size: panel,
    async act(page) {
      await loaded(page);
      await rowOf(page, 'Bob asked you').press('h');
      await page.getByRole('menu').waitFor();
    },
  },
  filter: {
    html: inbox(),
    size: panel,
    async act(page) {
      await loaded(page);
      await page.getByRole('button', { name: 'Filter' }).click();
      await page.getByText('Kinds of notifications').waitFor();
    },
  },
  undo: {
    html: inbox(),
    size: panel,
    async act(page) {
      await loaded(page);
      await press(page, 'e');
      await page.getByRole('button', { name: 'Undo' }).waitFor();
      await rowOf(page, 'Your export is ready').waitFor({ state: 'detached' });
    },
  },
  arrived: {
    html: inbox(),
    size: panel,
    async act(page, { person, stage }) {
      await loaded(page);
      await rowOf(page, 'The nightly build failed').hover();
      await stage.notify(person, 'The build is green again', 'Bob approved', 'Your export is ready to download');
      await page.getByText('3 new notifications').first().waitFor();
    },
  },
  keys: {
    html: inbox('layout="page"'),
    size: [860, 560],
    async act(page) {
      await loaded(page);
      await press(page, '?');
      await page.getByRole('dialog').waitFor();
    },
  },
  empty: { html: inbox(), size: panel, of: 'nobody', act: (page) => state(page, 'You are all caught up') },
  loading: {
    html: inbox(),
    size: panel,
    before: ({ context }) => context.route('**/graphql/system', () => undefined),
    act: (page) => page.locator('tidings-inbox [part=loading]').waitFor(),
  },
  offline: {
    html: inbox(),
    size: panel,
    async act(page, { device }) {
      await loaded(page);
      await device.setOffline(true);
      await state(page, 'You are offline');
    },
  },
  error: {
    html: inbox(),
    size: panel,
    before: ({ context }) =>
      context.route('**/graphql/system', (route) =>
        route.fulfill({ json: { errors: [{ message: 'x', extensions: { code: 'INTERNAL' } }] } }),
      ),
    act: (page) => state(page, 'The notifications could not be loaded'),
  },
  refused: { html: inbox(), size: panel, of: 'refused', act: (page) => state(page, 'You are signed out') },
  phone: {
    html: inbox('layout="page"'),
    size: [390, 780],
    device: { size: 'phone' },
    act: loaded,
  },
  'phone-message': {
    html: inbox('layout="page"'),
    size: [390, 780],
    device: { size: 'phone' },
    async act(page) {
      await rowOf(page, 'The nightly build failed').tap();
      await messageOf(page).waitFor();
    },
  },
  'right-to-left': {
    html: inbox('layout="page"'),
    size: wide,
    options: { lang: 'ar', dir: 'rtl' },
    async act(page) {
      await loaded(page);
      await rowOf(page, 'The nightly build failed').click();
      await messageOf(page).waitFor();
      await page.getByText('المؤرشفة').waitFor();
      await page.mouse.move(0, 0);
    },
  },
  preferences: {
    html: '<main><h1>Settings</h1><tidings-preferences></tidings-preferences></main>',
    size: [900, 760],
    act: (page) =>
      page.getByRole('heading', { name: 'Workspace Events' }).or(page.getByText('Workspace Events')).first().waitFor(),
  },
  'preferences-right-to-left': {
    html: '<main><h1>Settings</h1><tidings-preferences></tidings-preferences></main>',
    size: [900, 760],
    options: { lang: 'ar', dir: 'rtl' },
    act: (page) => page.getByText('Workspace Events').first().waitFor(),
  },
};

/** Rules of the page around the elements. */
export const surroundings = `
:root { color-scheme: light dark; --tidings-font: "Segoe UI", system-ui, sans-serif; }
body {
  margin: 0;
  font: 14px/1.5 "Segoe UI", system-ui, sans-serif;
  background: light-dark(#f6f7f9, #101218);
  color: light-dark(#1c2029, #e9ebf1);
}
header {
  display: flex;
  justify-content: space-between;
  align-items: center;
  padding: 8px 24px;
  background: light-dark(#fff, #191c24);
  border-bottom: 1px solid light-dark(#e3e6ec, #303541);
}
main { padding: 8px 24px; }
main.whole { padding: 0; height: 100vh; }
main.whole > h1 { position: absolute; clip-path: inset(50%); }
h1 { font-size: 20px; }
`;
