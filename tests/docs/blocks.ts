// The tests of the code blocks of pages.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { type Block, readPage } from './page.ts';
import { type Failure, runPage } from './run-page.ts';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** README.md and the pages of `docs/`, as paths in the repository. */
export function pages(): readonly string[] {
  const names = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.md') && !name.startsWith('.vitepress'));
  return ['README.md', ...files.map((name) => join('docs', name)).sort()];
}

/**
 * Tests the code blocks of these pages. The pages of one test file run one after another; test files run in parallel.
 */
export function testBlocks(names: readonly string[]): void {
  const schema = buildSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'));
  // A page may show a fragment without the operation that uses it.
  const rules = specifiedRules.filter(({ name }) => name !== 'NoUnusedFragmentsRule');

  describe.each(names)('the code blocks of %s', (name) => {
    const { blocks } = readPage(join(root, name));
    printSummary(name, blocks);

    it('each is run or says why not, and data is well-formed', () => {
      expect(blocks.flatMap((block) => faultsOf(block).map((fault) => `${name}:${block.line}: ${fault}`))).toEqual([]);
    });

    if (!blocks.some(isRun)) return;
    const missing = missingFor(blocks);
    const test = missing === undefined ? it : it.skip;
    test(`they do what the page says${missing ? ` (skipped: there is no ${missing})` : ''}`, async () => {
      const failures = await runPage(join(root, name), blocks);
      if (process.env['UPDATE_DOCS']) await correct(name, failures);
      expect(failures.map(({ line, problem }) => `${name}:${line}: ${problem}`)).toEqual([]);
      // A page may start the service several times, on a machine that may be busy.
    }, 300_000);
  });

  function faultsOf({ treatment, text, reason }: Block): readonly string[] {
    try {
      if (treatment === 'fault') return [reason];
      if (treatment === 'data') JSON.parse(text);
      if (treatment === 'operation') return validate(schema, parse(text), rules).map(({ message }) => message);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  }
}

const isRun = ({ treatment, isOnlyChecked, output }: Block) =>
  ['shell', 'transcript', 'script', 'program'].includes(treatment)
    ? !isOnlyChecked
    : treatment === 'operation' && output !== undefined;

/** The name of a program that the blocks need and this machine lacks; undefined if there is none. */
function missingFor(blocks: readonly Block[]): string | undefined {
  const python = blocks.some(({ language, text }) => language === 'python' || text.includes('python3'))
    ? ['python3']
    : [];
  const isThere = (program: string) => spawnSync(program, ['--version']).error === undefined;
  return ['bash', 'curl', ...python].find((program) => !isThere(program));
}

/** Prints how many blocks are run, and lists those that are not. */
function printSummary(name: string, blocks: readonly Block[]): void {
  if (blocks.length === 0) return;
  const listed = blocks.filter(({ treatment }) => treatment === 'listed');
  const lines = listed.map(({ line, language, reason }) => `  ${name}:${line} ${language}: ${reason}\n`);
  process.stderr.write(`${name}: ${blocks.filter(isRun).length} blocks run, ${listed.length} not:\n${lines.join('')}`);
}

/** Formats a long JSON text on several lines; returns any other text unchanged. */
function laidOut(text: string): string {
  try {
    return text.length > 100 ? JSON.stringify(JSON.parse(text), null, 2) : text;
  } catch {
    return text;
  }
}

/** With `UPDATE_DOCS=1`: replaces the expected outputs in the page by those that were printed. */
async function correct(name: string, failures: readonly Failure[]): Promise<void> {
  const lines = (await readFile(join(root, name), 'utf8')).split('\n');
  const outputs = new Map(failures.flatMap(({ printed }) => (printed ? [[printed.block.line, printed]] : [])));
  // Starts at the last block, so that the line numbers of the blocks above stay valid.
  for (const [line, { block, text }] of [...outputs].sort(([a], [b]) => b - a)) {
    const length = block.text === '' ? 0 : block.text.replace(/\n$/, '').split('\n').length;
    lines.splice(line - 1, length, ...laidOut(text).replace(/\n$/, '').split('\n'));
  }
  await writeFile(join(root, name), lines.join('\n'));
}
