// The docs site, built and served below a path.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { listenOnLoopback } from '../support/loopback.ts';
import { root } from './blocks.ts';

const run = promisify(execFile);
/** The base path of the site. */
export const base = '/tidings/';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
};

/** Builds the site into a folder. @throws Error with the output of the build, such as the dead links */
export async function buildSite(folder: string): Promise<void> {
  const vitepress = join(root, 'node_modules/.bin/vitepress');
  await run(vitepress, ['build', 'docs', '--base', base, '--outDir', folder], { cwd: root }).catch(
    (error: { readonly stdout: string; readonly stderr: string }) => {
      throw new Error(`The docs cannot be built:\n${error.stdout}${error.stderr}`);
    },
  );
}

/** Serves the folder at `base`, as any host of static files does. */
export async function serveSite(folder: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { origin, close } = await listenOnLoopback(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const isInside = name.startsWith(base) && !name.includes('..');
    const content = isInside ? await readFile(join(folder, name.slice(base.length))).catch(() => null) : null;
    response.writeHead(content ? 200 : 404, { 'content-type': types[extname(name)] ?? 'application/octet-stream' });
    response.end(content ?? 'not found');
  });
  return { url: origin + base, close };
}
