import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { readPage } from '../docs/page.ts';
import { temporaryFolder } from '../support/server.ts';

const root = new URL('../../', import.meta.url).pathname;
const { blocks } = readPage(join(root, 'docs/guides/inbox.md'));
const files = ['server.mjs', 'inbox.tsx', 'page.tsx', 'index.html'];
const lifetime = 'expires_in: 600';

/** The mutation of the guide with which its back end gets a token. */
export const createBackEndToken =
  blocks.find(({ language, text }) => language === 'graphql' && text.includes('create_access_token'))?.text ?? '';

export interface ReactPageOptions {
  /** Port of the back end. */
  readonly port: number;
  /** Address of the service, without a path. */
  readonly service: string;
  /** The token of the back end. */
  readonly token: string;
  /** Seconds after which the tokens of users expire, instead of those in the guide. */
  readonly expiresIn: number;
}

/** Starts the application of "With React" in the guide, bundled as the guide says. Returns a function that ends it. */
export async function startReactPage({
  port,
  service,
  token,
  expiresIn,
}: ReactPageOptions): Promise<() => Promise<void>> {
  const folder = await temporaryFolder();
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'));
  for (const name of files) {
    const text = blocks.find((block) => block.name === name)?.text;
    if (text === undefined) throw new Error(`The guide has no ${name}.`);
    if (name === 'server.mjs' && !text.includes(lifetime)) throw new Error(`${name} has no "${lifetime}".`);
    const here = text
      .replaceAll('http://localhost:8055', service)
      .replaceAll('3000', String(port))
      .replace(lifetime, `expires_in: ${expiresIn}`);
    await writeFile(join(folder.path, name), here);
  }
  await build({
    absWorkingDir: folder.path,
    entryPoints: ['page.tsx'],
    outfile: 'page.js',
    bundle: true,
    jsx: 'automatic',
    // The package is not built.
    alias: { '@tidings/client': join(root, 'packages/client/src/index.ts') },
  });
  const backEnd = spawn(process.execPath, ['server.mjs'], {
    cwd: folder.path,
    env: { BACK_END_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(backEnd, 'exit');
  const started = once(createInterface(backEnd.stdout), 'line');
  await Promise.race([
    started,
    ended.then(() => {
      throw new Error('The back end of the guide does not start.');
    }),
  ]);
  return async () => {
    backEnd.kill();
    await ended;
    await folder.remove();
  };
}
