// Runs the blocks of a page in one session. Each page has its own service.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMigratedDatabase } from '../support/database.ts';
import { aReservedPort } from '../support/ports.ts';
import { isSame } from './compare.ts';
import type { Block } from './page.ts';
import { openSession, type Session } from './session.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Maximum milliseconds to wait for the output of a block in the background. */
const outputTimeoutMs = 30_000;

/** A block whose result differs from its page. */
export interface Failure {
  readonly line: number;
  readonly problem: string;
  /** The output block to correct, with what was printed. */
  readonly printed?: { readonly block: Block; readonly text: string };
}

/** Runs a block, and returns its failures. */
type Runner = (block: Block, run: Run) => Promise<Failure[]>;

interface Run {
  readonly session: Session;
  readonly folder: string;
  /** Replaces the ports of the page by those of this run. */
  toHere(text: string): string;
  /** Replaces the ports of this run by those of the page. */
  toPage(text: string): string;
}

const runners: Partial<Record<Block['treatment'], Runner>> = {
  shell: (block, run) => check(block, run, run.toHere(block.text)),
  transcript: runTranscript,
  script: async (block, run) => {
    const command = await store(block, run, block.language === 'python' ? 'block.py' : 'block.mjs');
    return check(block, run, `${block.language === 'python' ? 'python3' : 'node'} '${command}'`);
  },
  program: async (block, run) => check(block, run, `node '${await store(block, run, 'block.ts')}'`),
  file: async (block, run) => {
    await store(block, run, block.name ?? '');
    return [];
  },
  operation: async (block, run) => {
    if (block.output === undefined) return [];
    const file = await store(block, run, 'block.graphql');
    const address = run.toHere('localhost:8055/graphql/system');
    const send = `curl -s ${address} -H "Authorization: Bearer $TOKEN" --data-urlencode 'query@${file}'`;
    return check(block, run, send);
  },
};

/** Runs the blocks of a page, and returns the failures. @param file the path of the page */
export async function runPage(file: string, blocks: readonly Block[]): Promise<readonly Failure[]> {
  const database = await createMigratedDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'tidings-docs-'));
  const ports = await portsOf(file);
  const session = openSession(folder, await environmentOf(folder, database.url, ports.get('8055') ?? ''));
  const run: Run = { session, folder, ...translation(ports, folder) };
  try {
    return await runBlocks(blocks, run);
  } finally {
    await session.end();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runBlocks(blocks: readonly Block[], run: Run): Promise<readonly Failure[]> {
  const { session } = run;
  const failures: Failure[] = [];
  let pending: (() => Promise<Failure[]>) | undefined;
  let hasService = false;
  for (const block of blocks) {
    const runner = block.isOnlyChecked ? undefined : runners[block.treatment];
    if (!runner) continue;
    if (!hasService && block.treatment !== 'file') {
      hasService = true;
      const { code, printed } = block.text.includes('npm start')
        ? { code: 0, printed: '' }
        : await session.run('npm start');
      if (code !== 0) return [{ line: block.line, problem: `the service does not start: ${printed}` }];
    }
    await session.run(setToken);
    if (block.isBackground) {
      pending = await startInBackground(block, run);
      continue;
    }
    failures.push(...(await runner(block, run)), ...((await pending?.()) ?? []));
    pending = undefined;
  }
  return [...failures, ...((await pending?.()) ?? [])];
}

/** A shell command that sets the admin's token, unless the page has set a token. */
const setToken =
  '[ -n "$TOKEN" ] || ! [ -f data/first-admin.env ] || export TOKEN=$(sed -n s/^ADMIN_TOKEN=//p data/first-admin.env)';

/** Runs the text of a block, and compares its output with the expected one. */
async function check(block: Block, run: Run, text: string): Promise<Failure[]> {
  const { code, printed } = await run.session.run(text);
  const actual = run.toPage(printed);
  if (code !== 0) return [{ line: block.line, problem: `it exits with ${code}, and prints:\n${actual}` }];
  return compare(block, actual);
}

function compare({ line, output }: Block, actual: string): Failure[] {
  if (output === undefined || isSame(output.text, actual)) return [];
  const problem = `it prints:\n${actual}\nand not:\n${output.text}`;
  return [{ line, problem, printed: { block: output, text: actual } }];
}

/** Starts a block in the background. Returns a function that waits for its output, and compares it. */
async function startInBackground(block: Block, run: Run): Promise<() => Promise<Failure[]>> {
  const read = await run.session.start(run.toHere(block.text));
  const isOver = (since: number) => performance.now() - since > outputTimeoutMs;
  const poll = async (isDone: (text: string) => boolean) => {
    const since = performance.now();
    while (!isDone(await read()) && !isOver(since)) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await poll((text) => text !== '');
  return async () => {
    await poll((text) => compare(block, run.toPage(text)).length === 0);
    return compare(block, run.toPage(await read()));
  };
}

/** Runs each line that begins with `$ `, and compares its output with the lines below it. */
async function runTranscript(block: Block, run: Run): Promise<Failure[]> {
  const failures: Failure[] = [];
  let line = block.line;
  let transcript = '';
  for (const entry of block.text.split(/^(?=\$ )/m)) {
    const [command = '', ...rest] = entry.split('\n');
    const { printed } = await run.session.run(run.toHere(command.replace(/^\$ /, '')));
    const actual = run.toPage(printed);
    transcript += `${command}\n${actual}`;
    if (!isSame(rest.join('\n'), actual)) {
      failures.push({ line, problem: `"${command}" prints:\n${actual}\nand not:\n${rest.join('\n')}` });
    }
    line += rest.length;
  }
  return failures.map((failure) => ({ ...failure, printed: { block, text: transcript } }));
}

async function store(block: Block, run: Run, name: string): Promise<string> {
  const file = join(run.folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, run.toHere(block.text));
  return file;
}

/** Chooses a free port for each port of localhost that the page names. */
async function portsOf(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(file, 'utf8');
  const named = [...text.matchAll(/(?:localhost|127\.0\.0\.1):(\d{2,5})\b/g)].map(([, port = '']) => port);
  const ports = new Map<string, string>();
  for (const port of new Set(['8055', ...named])) ports.set(port, String(await aReservedPort()));
  return ports;
}

function translation(ports: ReadonlyMap<string, string>, folder: string): Pick<Run, 'toHere' | 'toPage'> {
  const replace = (text: string, from: string, to: string) => text.replace(new RegExp(`\\b${from}\\b`, 'g'), to);
  return {
    toHere: (text) => [...ports].reduce((result, [page, here]) => replace(result, page, here), text),
    toPage: (text) =>
      [...ports].reduce((result, [page, here]) => replace(result, here, page), text.replaceAll(folder, '/folder')),
  };
}

async function environmentOf(folder: string, url: string, port: string): Promise<Readonly<Record<string, string>>> {
  const state = join(folder, '.blocks');
  await mkdir(state);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const path = process.env['PATH'] ?? '';
  return {
    PATH: `${join(root, 'tests/docs/commands')}:${path}`,
    HOME: folder,
    LANG: 'C.UTF-8',
    HOST: '127.0.0.1',
    PORT: port,
    DATABASE_URL: url,
    DATABASE_POOL_SIZE: '5',
    DRAIN_MS: '0',
    DOCS_ROOT: root,
    DOCS_STATE: state,
    DOCS_NODE: process.execPath,
    DOCS_NPM: join(dirname(process.execPath), 'npm'),
  };
}
