import { afterAll, beforeAll, describe } from '@jest/globals';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { createUsers } from '../../../../src/users/write.ts';
import { startTestApp, type TestApp } from '../../../support/app.ts';
import { findChromium } from '../../../support/browser/chromium.ts';
import { patience } from '../../../support/patience.ts';

const executablePath = await findChromium();
if (executablePath === null) process.stderr.write('There is no Chromium: the pages of the inbox are not tested.\n');

/** The timeout of a test with several pages, in milliseconds. */
export const slowly = 120_000;

/** `describe`, skipped where there is no Chromium. */
export const describeInChromium = executablePath === null ? describe.skip : describe;

export interface Reader {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
}

/** A running service and a browser whose pages must not break their content security policy. */
export interface PagesStage {
  readonly app: TestApp;
  readonly browser: Browser;
  /** Creates a user with a password. */
  reader(): Promise<Reader>;
  /** A browser of somebody, with cookies and storage of its own. */
  person(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** What the browser reported since the last call: errors of scripts and refusals of the policy. */
  faults(): readonly string[];
  stop(): Promise<void>;
}

/** Starts a service and a browser. @param environment variables that differ from their defaults */
export async function startPages(environment: Readonly<Record<string, string>> = {}): Promise<PagesStage> {
  const app = await startTestApp({ PUBLIC_URL: '', ...environment });
  const browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  return createStage(app, browser);
}

/** The same for all tests of a file. @returns a function to call in tests */
export function usePages(environment?: Readonly<Record<string, string>>): () => PagesStage {
  let stage: PagesStage | undefined;
  beforeAll(async () => {
    stage = await startPages(environment);
  }, slowly);
  afterAll(() => stage?.stop(), slowly);
  return () => {
    if (!stage) throw new Error('the stage is not ready');
    return stage;
  };
}

let made = 0;

function createStage(app: TestApp, browser: Browser): PagesStage {
  let faults: string[] = [];
  return {
    app,
    browser,
    async reader() {
      made += 1;
      const name = `reader-${made}`;
      const given = { email: `${name}@example.com`, password: `password-of-${name}`, token: `the-token-of-${name}` };
      const [id = ''] = await createUsers(app.contextOf(app.people.admin), [
        { ...given, first_name: 'Robin', last_name: 'Reader' },
      ]);
      return { id, ...given };
    },
    async person(options) {
      const context = await browser.newContext({ locale: 'en-US', ...options });
      context.setDefaultTimeout(patience);
      await context.exposeBinding('reportViolation', (_source, violation: string) => faults.push(violation));
      await context.addInitScript(watchPolicy);
      context.on('weberror', (fault) => faults.push(String(fault.error().stack ?? fault.error())));
      return context;
    },
    faults() {
      const seen = faults;
      faults = [];
      return seen;
    },
    async stop() {
      await browser.close();
      await app.stop();
    },
  };
}

const watchPolicy = `addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) =>
  reportViolation('refused by the policy: ' + [effectiveDirective, blockedURI, sourceFile].join(' ')));`;

/** Signs in with the form that the page shows. */
export async function signIn(page: Page, { email, password }: Pick<Reader, 'email' | 'password'>): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Waits until the page of a signed-in user is shown. */
export async function signedIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of / }).waitFor();
}

/** Waits until a condition in the page, which may be a promise, is true. */
export const until = (page: Page, condition: string): Promise<void> =>
  page.evaluate(
    `(async () => { while (!(await ${condition})) await new Promise((resolve) => setTimeout(resolve, 20)); })()`,
  );
