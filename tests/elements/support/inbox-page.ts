import type { Page } from 'playwright-core';
import type { Person } from '../../support/app.ts';
import { patience } from '../../support/patience.ts';
import type { Device, DeviceOptions } from './device.ts';
import type { Stage } from './stage.ts';

/** An inbox element in a tab of a person. */
export interface InboxPage {
  readonly device: Device;
  readonly page: Page;
  /** The subjects of the rows that are drawn, in their order. */
  subjects(): Promise<readonly string[]>;
  /** Resolves when the row with this subject has the focus. */
  untilFocused(subject: string): Promise<void>;
  /** Resolves when the rows that are drawn have these subjects. */
  untilRows(...subjects: readonly string[]): Promise<void>;
  press(...keys: readonly string[]): Promise<void>;
  /** The figures of the tabs, as they are shown; an empty text where there is none. */
  figures(): Promise<Readonly<Record<string, string>>>;
}

export interface InboxPageOptions extends DeviceOptions {
  /** Attributes of the element. Default: `layout="page"`. */
  readonly attributes?: string;
  /** A module that runs before the elements are loaded. */
  readonly script?: string;
  /** Opens a tab of this device instead of one of its own. */
  readonly device?: Device;
}

/** Opens a page with an inbox, and waits for its first page. */
export async function anInboxPage(
  stage: Stage,
  person: Person,
  { attributes = 'layout="page"', script = '', device: given, ...options }: InboxPageOptions = {},
): Promise<InboxPage> {
  const device = given ?? (await stage.device(person, options));
  const page = await device.open(`<main><h1>Host</h1><tidings-inbox ${attributes}></tidings-inbox></main>`, {
    script,
    style: 'body { margin: 0 } h1 { position: absolute; clip-path: inset(50%) }',
  });
  await page.locator('tidings-inbox :is(.row, [part~="empty"], [part~="no-matches"])').first().waitFor();
  // The keys are loaded after the list.
  await page.waitForFunction("document.querySelector('tidings-inbox').isReady");
  const row = page.locator('tidings-inbox .row');
  const subjects = () => row.locator('.subject').evaluateAll(textOfNodes) as Promise<string[]>;
  return {
    device,
    page,
    subjects,
    untilFocused: (subject) => page.locator('.row:focus', { hasText: subject }).waitFor(),
    untilRows: (...wanted) => untilEqual(subjects, wanted),
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key);
    },
    async figures() {
      const tabs = (await page.locator('[role="tab"]').evaluateAll(textOfTabs)) as [string, string][];
      return Object.fromEntries(tabs);
    },
  };
}

interface TextNode {
  readonly textContent: string;
}
const textOfNodes = (nodes: readonly unknown[]) =>
  (nodes as readonly TextNode[]).map(({ textContent }) => textContent.replace('Unread.', '').trim());

interface TabNode {
  readonly id: string;
  querySelector(selector: string): { readonly textContent: string } | null;
}
const textOfTabs = (nodes: readonly unknown[]) =>
  (nodes as readonly TabNode[]).map((tab) => [
    tab.id.replace('tab-', ''),
    tab.querySelector('.figure')?.textContent.replace(/\D/g, '') ?? '',
  ]);

/** Polls until what is read equals this. @throws Error with what it was last */
export async function untilEqual(read: () => Promise<unknown>, wanted: unknown): Promise<void> {
  const text = JSON.stringify(wanted);
  let last = '';
  const end = Date.now() + patience;
  while (last !== text) {
    if (last !== '' && Date.now() > end) throw new Error(`Wanted ${text}, but it is ${last}.`);
    last = JSON.stringify(await read());
    if (last !== text) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
