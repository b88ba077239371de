import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config.ts';
import { routeNotFound } from '../../errors.ts';
import { type Asset, cachePermanently, createAsset, sendAsset } from '../shared/assets.ts';
import { readBuiltFiles } from './built-files.ts';
import { inboxShell, shellHeaders } from './inbox-shell.ts';

const html = 'text/html; charset=utf-8';
/** Caches must ask each time, so that a new version is used at once. */
const revalidated = { 'cache-control': 'no-cache' } as const;
/** The worker loads the pages and their files, and nothing else. */
const workerPolicy = { 'content-security-policy': "default-src 'none'; connect-src 'self'" } as const;

/** What is served for `/inbox` and `/preferences`, without data of anybody. */
interface InboxApp {
  readonly files: ReadonlyMap<string, Asset>;
  /** The page at `/inbox` and `/preferences`, and the one below `/inbox/`, whose links lead one folder up. */
  readonly shell: Asset;
  readonly itemShell: Asset;
  readonly manifest: Asset;
  readonly serviceWorker: Asset;
}

/**
 * Serves the inbox and the preferences as a web application that browsers can install. A page is the same for everybody:
 * its script signs in, and shows the components of `@tidings/inbox`.
 */
export function registerInboxApp(app: FastifyInstance, config: Pick<Config, 'dispatch' | 'oidc'>): void {
  let loaded: Promise<InboxApp> | undefined;
  const load = () => {
    loaded ??= readBuiltFiles('pages').then((files) => createInboxApp(files, config));
    return loaded;
  };
  for (const [path, which] of [
    ['/inbox', 'shell'],
    ['/preferences', 'shell'],
    ['/inbox/:id', 'itemShell'],
  ] as const) {
    app.get(path, async ({ url }, reply) => {
      const target = withoutSlash(url);
      if (target !== undefined) return reply.redirect(target, 308);
      return sendAsset(reply.headers(shellHeaders), (await load())[which]);
    });
  }
  app.get<{ Params: { readonly file: string } }>('/pages/:file', async ({ params: { file } }, reply) => {
    const asset = (await load()).files.get(file);
    if (!asset) throw routeNotFound(`/pages/${file}`);
    return sendAsset(reply.header('cache-control', cachePermanently), asset);
  });
  app.get('/manifest.webmanifest', async (_request, reply) =>
    sendAsset(reply.headers(revalidated), (await load()).manifest),
  );
  app.get('/service-worker.js', async (_request, reply) =>
    sendAsset(reply.headers({ ...revalidated, ...workerPolicy }), (await load()).serviceWorker),
  );
}

/**
 * Where a page with a trailing slash is, relative to itself: its links are relative to its path without one. Undefined:
 * there is no such slash.
 */
function withoutSlash(url: string): string | undefined {
  const [path = '', ...query] = url.split('?');
  const name = /([^/]+)\/+$/.exec(path)?.[1];
  return name && [`../${name}`, ...query].join('?');
}

async function createInboxApp(
  files: ReadonlyMap<string, Asset>,
  { dispatch, oidc }: Pick<Config, 'dispatch' | 'oidc'>,
): Promise<InboxApp> {
  /** The file of this name, which has a hash in it. @throws Error if the build did not write it */
  const find = (name: string) => {
    for (const file of files.keys()) if (/^(.*)-\w+\.\w+$/.exec(file)?.[1] === name) return file;
    throw new Error(`dist/pages has no file ${name}: run npm run generate`);
  };
  const options = {
    name: dispatch.appName,
    hasProvider: oidc !== undefined,
    sendsMail: dispatch.smtp !== undefined,
    script: find('app'),
    touchIcon: find('icon-192'),
  };
  const pages = { inbox: inboxShell(options, './'), 'inbox/item': inboxShell(options, '../') };
  const scripts = [...files.keys()].filter((file) => file.endsWith('.js') && file !== find('service-worker'));
  const build = {
    version: hashOf([...Object.values(pages), ...files.keys()]),
    files: [...Object.keys(pages), 'icon.svg', ...scripts.map((file) => `pages/${file}`)],
  };
  const worker = `const build=${JSON.stringify(build)};\n${await textOf(files.get(find('service-worker')))}`;
  return {
    files,
    shell: createAsset(html, pages.inbox),
    itemShell: createAsset(html, pages['inbox/item']),
    manifest: createAsset('application/manifest+json; charset=utf-8', JSON.stringify(manifest(dispatch.appName, find))),
    serviceWorker: createAsset('text/javascript; charset=utf-8', worker),
  };
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

async function textOf(asset: Asset | undefined): Promise<string> {
  return String(await asset?.encoded('identity'));
}

/** Addresses are relative to that of the manifest, so that it works behind a proxy that adds a prefix. */
function manifest(name: string, find: (name: string) => string) {
  const icon = (file: string, size: number, purpose: 'any' | 'maskable') => ({
    src: `pages/${find(file)}`,
    sizes: `${size}x${size}`,
    type: 'image/png',
    purpose,
  });
  return {
    name,
    short_name: name,
    description: 'Your notifications, and which of them you get.',
    id: 'inbox',
    start_url: 'inbox',
    scope: './',
    display: 'standalone',
    background_color: '#fbfbfc',
    theme_color: '#3b5bdb',
    icons: [
      { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
      icon('icon-192', 192, 'any'),
      icon('icon-512', 512, 'any'),
      icon('icon-maskable-512', 512, 'maskable'),
    ],
    shortcuts: [{ name: 'Preferences', url: 'preferences' }],
  };
}
