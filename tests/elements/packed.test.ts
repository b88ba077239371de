import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { readPage } from '../docs/page.ts';
import type { Person } from '../support/app.ts';
import { type Application, anApplication } from './support/packed.ts';
import { describeElements } from './support/stage.ts';

const readme = readPage(fileURLToPath(new URL('../../packages/inbox/README.md', import.meta.url)));

/** A file of the README, with the address of a service. */
function fileOf(name: string, service = 'https://tidings.example.com'): string {
  const block = readme.blocks.find((each) => each.name === name);
  if (!block) throw new Error(`The README has no ${name}.`);
  return block.text.replaceAll('https://tidings.example.com', service);
}

/** Renders the header again each 50 ms, as applications do, with another function for the token each time. */
const reactPage = `
import { StrictMode, useEffect, useReducer } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { Header } from './header.tsx';
function Page() {
  const [renders, render] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(render, 50);
    return () => clearInterval(timer);
  }, []);
  return <main><Header /><output>{renders}</output></main>;
}
const root = document.querySelector('#root');
if (root.firstChild) hydrateRoot(root, <StrictMode><Header /></StrictMode>);
else createRoot(root).render(<StrictMode><Page /></StrictMode>);
`;

const reactServer = `
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { Header } from './header.js';
process.stdout.write(renderToString(createElement(Header)));
`;

const vuePage = `
import { createApp, createSSRApp, h, onMounted, onUnmounted, ref } from 'vue';
import Header from './header.vue';
const Page = {
  setup() {
    const renders = ref(0);
    let timer;
    onMounted(() => { timer = setInterval(() => { renders.value += 1; }, 50); });
    onUnmounted(() => clearInterval(timer));
    return () => h('main', [h(Header, { key: 'header', title: String(renders.value) }), h('output', renders.value)]);
  },
};
const root = document.querySelector('#root');
if (root.firstChild) createSSRApp(Header).mount(root);
else createApp(Page).mount(root);
`;

const vueServer = `
import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import Header from './header.js';
process.stdout.write(await renderToString(createSSRApp(Header)));
`;

const frameworks = [
  { name: 'React, in Strict Mode', header: 'header.tsx', page: 'react.tsx', text: reactPage, server: reactServer },
  { name: 'Vue', header: 'header.vue', page: 'vue.ts', text: vuePage, server: vueServer },
] as const;

describeElements('an application that has installed the packages', (stage) => {
  let application: Application;
  beforeAll(async () => {
    application = await anApplication();
  }, 120_000);
  afterAll(() => application?.remove());

  it.each(frameworks)(
    'in $name, has a bell that follows the inbox, however often the application renders it',
    async ({ header, page: entry, text }) => {
      const alice = await stage.aUser('earlier');
      const { page, tokens } = await open(alice, entry, (service) => ({
        [header]: fileOf(header, service),
        [entry]: text,
      }));

      await badge(page, '1');
      await page.waitForFunction("Number(document.querySelector('output').textContent) > 5");
      const before = tokens();
      await stage.notify(alice, 'live');
      await badge(page, '2');

      // Another token would be asked for by each new connection.
      expect(tokens()).toBe(before);
    },
  );

  it.each(frameworks)(
    'in $name, renders the bare tag on the server, which the browser brings to life',
    async ({ header, page: entry, text, server }) => {
      await application.write({ [header]: fileOf(header), 'server.js': server });
      await application.compile(header, 'header.js');
      const html = await application.run('server.js');
      expect(html).toBe('<tidings-bell></tidings-bell>');

      const alice = await stage.aUser('earlier', 'later');
      const { page } = await open(
        alice,
        entry,
        (service) => ({ [header]: fileOf(header, service), [entry]: text }),
        html,
      );
      await badge(page, '2');
    },
  );

  it('can import every module of the package on a server', async () => {
    await application.write({
      'imports.js': `
        import manifest from '@tidings/inbox/package.json' with { type: 'json' };
        for (const name of ['', '/bell', '/inbox', '/preferences', '/react', '/vue']) await import('@tidings/inbox' + name);
        process.stdout.write(manifest.version);`,
    });
    expect(await application.run('imports.js')).toMatch(/^\d/);
  });

  const badge = (page: Page, text: string) => page.locator('tidings-bell .badge', { hasText: text }).waitFor();

  /** Opens a page that runs a file of an application in the element `#root`. */
  async function open(
    person: Person,
    entry: string,
    files: (service: string) => Readonly<Record<string, string>>,
    html = '',
  ): Promise<{ readonly page: Page; readonly tokens: () => number }> {
    const device = await stage.device(person);
    await application.write(files(device.service));
    const scripts = stage.host.addScripts(await application.bundle(entry));
    let tokens = 0;
    await device.context.route('**/inbox-token', (route) => {
      tokens += 1;
      return route.fulfill({ body: person.token });
    });
    const module = scripts + entry.replace(/\.\w+$/, '.js');
    const page = await device.open(`<div id="root">${html}</div>`, { module, isConfigured: false });
    return { page, tokens: () => tokens };
  }
});
