import { type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, jest } from '@jest/globals';
import { pino } from 'pino';
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../src/database/embedded.ts';
import { temporaryFolder } from './server.ts';

// Each test creates at least one PostgreSQL, which takes long on a busy machine.
jest.setTimeout(120_000);

const typescript = fileURLToPath(new URL('typescript.mjs', import.meta.url));
const program = fileURLToPath(new URL('embedded-service.ts', import.meta.url));
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A folder for one test; processes that still run in it are ended with it. */
export async function aDataDir(): Promise<string> {
  const folder = await temporaryFolder();
  cleanUps.push(() => folder.remove());
  return folder.path;
}

/** Starts the embedded database in this process; it is stopped after the test. */
export async function start(dataDir: string, more: Partial<EmbeddedOptions> = {}): Promise<Embedded> {
  const embedded = await startEmbedded({
    dataDir,
    log: pino({ level: 'silent' }),
    settings: { fsync: 'off' },
    ...more,
  });
  cleanUps.push(() => embedded.stop());
  return embedded;
}

/** Another process that runs the embedded database. */
export interface Service {
  readonly child: ChildProcessWithoutNullStreams;
  /** Its output when it is ready. */
  readonly ready: Promise<{ readonly url?: string; readonly error?: string }>;
  /** Kills it as `kill -9` does and waits for its end. */
  kill(): Promise<void>;
  /** Stops it normally. */
  stop(): Promise<void>;
}

/** Starts the embedded database in a separate process; `prefix` precedes its command. */
export function startService(
  dataDir: string,
  { prefix = [], ...options }: SpawnOptionsWithoutStdio & { readonly prefix?: readonly string[] } = {},
): Service {
  const [file = '', ...rest] = [...prefix, process.execPath, '--import', typescript, program, dataDir];
  const child = spawn(file, rest, options);
  const exited = once(child, 'exit');
  child.stderr.resume();
  const ready = Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(line as string)),
    exited.then(() => ({ error: 'ended without output' })),
  ]);
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  cleanUps.push(kill);
  return {
    child,
    ready,
    kill,
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

/** The id of the PostgreSQL process of the folder. */
export async function postmasterOf(dataDir: string): Promise<number> {
  return Number((await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0]);
}
