import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Person, TestApp } from '../../support/app.ts';
import { patience } from '../../support/patience.ts';
import { aProxy, type FaultyProxy } from '../../support/proxy.ts';
import type { Host, HostPage } from './host-page.ts';

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

export interface DeviceOptions
  extends Pick<
    BrowserContextOptions,
    'colorScheme' | 'deviceScaleFactor' | 'reducedMotion' | 'forcedColors' | 'locale' | 'timezoneId'
  > {
  /** Default: `desktop`. A phone has touch. */
  readonly size?: keyof typeof sizes;
}

export interface PageOptions extends Partial<Omit<HostPage, 'html' | 'service'>> {
  /** False: the elements of the page get no `url` and `token`; its script configures them. */
  readonly isConfigured?: boolean;
}

/** A browser of one person. Its pages share storage, locks, channels and one connection to the network. */
export interface Device {
  readonly person: Person;
  readonly context: BrowserContext;
  /** Between the pages and the service; each device has its own. */
  readonly proxy: FaultyProxy;
  /** The address of the service for the pages, without a path. */
  readonly service: string;
  /** Opens a tab whose body is `html`. The elements in it get the address of the service and the person's token. */
  open(html: string, options?: PageOptions): Promise<Page>;
  /** Takes the network away or gives it back; open connections are cut. */
  setOffline(isOffline: boolean): Promise<void>;
  close(): Promise<void>;
}

/** @param onFault called with errors of the pages, and with what their content security policy refused */
export async function aDevice(
  { app, host, browser }: { readonly app: TestApp; readonly host: Host; readonly browser: Browser },
  person: Person,
  { size = 'desktop', ...emulated }: DeviceOptions,
  onFault: (fault: string) => void,
): Promise<Device> {
  const proxy = await aProxy({ port: Number(new URL(app.url).port) });
  const service = `http://127.0.0.1:${proxy.port}`;
  const context = await browser.newContext({
    viewport: sizes[size],
    ...(size === 'phone' && { hasTouch: true, isMobile: true }),
    ...emulated,
  });
  context.setDefaultTimeout(patience);
  await context.exposeBinding('reportViolation', (_source, violation: string) => onFault(violation));
  await context.addInitScript(watchPolicy);
  context.on('weberror', (fault) => onFault(String(fault.error().stack ?? fault.error())));
  context.on('console', (message) => {
    // A browser prints each failed request; tests of failures cause some.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) onFault(message.text());
  });

  return {
    person,
    context,
    proxy,
    service,
    async open(html, { isConfigured = true, ...page } = {}) {
      const defaults = {
        lang: 'en',
        dir: 'ltr',
        script: '',
        style: '',
        module: `${service}/elements/index.js`,
      } as const;
      const attributes = `url="${service}/graphql/system" token="${person.token}"`;
      const body = isConfigured ? html.replace(/<tidings-[a-z]+/g, (tag) => `${tag} ${attributes}`) : html;
      const tab = withoutEval(await context.newPage());
      await tab.goto(host.add({ ...defaults, ...page, service, html: body }));
      return tab;
    },
    async setOffline(isOffline) {
      await context.setOffline(isOffline);
      // Chromium leaves open connections as they are.
      if (isOffline) proxy.cut();
    },
    async close() {
      await context.close();
      await proxy.close();
    },
  };
}

const watchPolicy = `addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
  reportViolation('refused by the policy: ' + [effectiveDirective, blockedURI, sourceFile, lineNumber].join(' ')));`;

/** Tells a page that it is hidden, or shown again, as a change of tabs does. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`(() => {
    const state = ${JSON.stringify(isHidden ? 'hidden' : 'visible')};
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => state === 'hidden' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  })()`);
}

/** Playwright evaluates a text until it is true with `eval`, which the policy of the page refuses; a function it does not. */
function withoutEval(page: Page): Page {
  // Its types have an overload for each number of arguments.
  const wait = page.waitForFunction.bind(page) as (...given: readonly unknown[]) => unknown;
  const waitForFunction = (what: unknown, ...rest: readonly unknown[]) =>
    wait(typeof what === 'string' ? new Function(`return (${what})`) : what, ...rest);
  return Object.assign(page, { waitForFunction });
}
