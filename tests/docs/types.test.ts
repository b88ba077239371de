import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pages, root } from './blocks.ts';
import { type Block, readPage } from './page.ts';

const run = promisify(execFile);

/** As strict as a reader's own project is likely to be, in a browser or in Node. */
const compilerOptions = {
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'],
  types: ['node'],
  module: 'nodenext',
  jsx: 'react-jsx',
  moduleDetection: 'force',
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  rewriteRelativeImportExtensions: true,
  paths: Object.fromEntries(
    ['tidings/client', '@tidings/client'].flatMap((name) => [
      [name, [join(root, 'packages/client/src/index.ts')]],
      [`${name}/*`, [join(root, 'packages/client/src/*.ts')]],
    ]),
  ),
};

describe('the TypeScript of the docs', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidings-docs-types-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['**/*.ts', '**/*.tsx'] }),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('compiles without errors', async () => {
    const programs = pages().flatMap((page) =>
      readPage(join(root, page))
        .blocks.filter(isTypeScript)
        .map((block) => [pathOf(page, block), block] as const),
    );
    for (const [path, { text, declarations }] of programs) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${declarations}\n${text}`);
    }

    const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch(
      (error: { readonly stdout: string }) => error,
    );

    expect(programs.length).toBeGreaterThan(0);
    expect(stdout).toBe('');
  }, 120_000);
});

const isTypeScript = ({ treatment, language }: Block) =>
  treatment === 'program' || (treatment === 'file' && ['ts', 'tsx'].includes(language));

/** A path that names the page and the line of the block; blocks of one page can import each other. */
function pathOf(page: string, { name, line }: Block): string {
  return join(page.replace(/\.md$/, ''), name ?? `line-${line}.ts`);
}
