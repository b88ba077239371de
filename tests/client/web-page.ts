import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { listenOnLoopback } from '../support/loopback.ts';
import { temporaryFolder } from '../support/server.ts';

/** A web server on its own origin, with a page that has the built client as `createInbox`. */
export interface WebPage {
  readonly origin: string;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Serves the package's exports and their dependencies unbundled; an import map replaces a bundler. */
export async function aWebPage(): Promise<WebPage> {
  const [built, ours, theirs] = await Promise.all([
    build(),
    exportOf('packages/client/package.json', '.', 'default'),
    exportOf('node_modules/graphql-ws/package.json', './client', 'browser'),
  ]);
  const imports = {
    '@tidings/client': ours.replace('./dist/', '/tidings/'),
    'graphql-ws/client': theirs.replace('./dist/', '/graphql-ws/'),
  };
  const folders = { '/tidings/': built.path, '/graphql-ws/': join(root, 'node_modules/graphql-ws/dist') };
  const page = `<!doctype html><title>Inbox</title>
    <script type="importmap">${JSON.stringify({ imports })}</script>
    <script type="module">
      import { createInbox } from '@tidings/client';
      Object.assign(globalThis, { createInbox });
    </script>`;

  const server = await listenOnLoopback(async ({ url = '/' }, response) => {
    const [prefix, folder] = Object.entries(folders).find(([start]) => url.startsWith(start)) ?? [];
    if (prefix === undefined || folder === undefined) {
      response.writeHead(url === '/' ? 200 : 404, { 'content-type': 'text/html' }).end(url === '/' ? page : '');
      return;
    }
    const text = await readFile(join(folder, url.slice(prefix.length))).catch(() => undefined);
    response.writeHead(text ? 200 : 404, { 'content-type': 'text/javascript' }).end(text);
  });
  return {
    origin: server.origin,
    async close() {
      await Promise.all([server.close(), built.remove()]);
    },
  };
}

/** The client as `npm run build` compiles it. */
async function build() {
  const folder = await temporaryFolder();
  const compiler = join(root, 'node_modules/typescript-cli/bin/tsc');
  const options = ['--declaration', 'false', '--outDir', folder.path];
  await promisify(execFile)(process.execPath, [compiler, '-p', join(root, 'packages/client'), ...options]);
  return folder;
}

/** The file that a package exports by this name. */
async function exportOf(manifest: string, name: string, condition: string): Promise<string> {
  const { exports } = JSON.parse(await readFile(join(root, manifest), 'utf8')) as {
    readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  const file = exports[name]?.[condition];
  if (file === undefined) throw new Error(`${manifest} does not export ${name}.`);
  return file;
}
