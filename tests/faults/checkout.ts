import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, cp, lstat, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findPostmaster, isPostmaster, stopPostmaster } from '../../src/database/embedded/postmaster.ts';
import { temporaryFolder } from '../support/server.ts';
import { nobody } from '../support/skipping.ts';
import { afterwards } from './afterwards.ts';
import { type Service, watchProcess } from './service.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
/** The files that `npm start` reads, and the sources from which it builds. */
const parts = [
  'src',
  'packages/client/src',
  'packages/client/tsconfig.json',
  'packages/client/package.json',
  'packages/inbox/src',
  'packages/inbox/bundle.mjs',
  'packages/inbox/minify-templates.mjs',
  'packages/inbox/sizes.mjs',
  'packages/pages',
  'prisma',
  'prisma.config.ts',
  'tools',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
];

/** A built copy of the repository that a test may write to; its path has a space. */
export interface Checkout {
  /** The folder above `path`, with mode 0700; the command runs with it as its home directory. */
  readonly home: string;
  readonly path: string;
  remove(): Promise<void>;
}

/** Copies the repository with its build, or builds the copy if the repository has no current build. */
export async function aCheckout(): Promise<Checkout> {
  const { isCurrent } = await import(new URL('../../tools/stamp.mjs', import.meta.url).href);
  const isBuilt: boolean = isCurrent();
  const checkout = await copyOf(repository, isBuilt ? [...parts, 'dist'] : parts);
  if (!isBuilt) {
    await promisify(execFile)('npm', ['run', 'build'], { cwd: checkout.path, env: environmentOf(checkout) });
  }
  return checkout;
}

/** A copy of a checkout whose files and home belong to the user `nobody`. Only root can make one. */
export async function aCopyOfNobody({ path }: Checkout): Promise<Checkout> {
  const checkout = await copyOf(path, [...parts, 'dist']);
  await chownAll(checkout.home);
  return checkout;
}

async function copyOf(source: string, names: readonly string[]): Promise<Checkout> {
  const { path: home, remove } = await temporaryFolder();
  const path = join(home, 'a checkout');
  await mkdir(path);
  for (const name of names) await cp(join(source, name), join(path, name), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(path, 'node_modules'));
  return { home, path, remove };
}

async function chownAll(path: string): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return;
  if (found.isDirectory()) for (const name of await readdir(path)) await chownAll(join(path, name));
  await chown(path, nobody, nobody);
}

// With a new home directory, npm would look for updates; tests must not.
const environmentOf = ({ home }: Checkout) => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  npm_config_update_notifier: 'false',
});

/** How to start the command. `prefix` precedes it and must end by executing it. */
export interface StartOptions {
  readonly prefix?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs `npm start` in the checkout; after the test neither its processes nor its data are left. */
export function npmStart(checkout: Checkout, { prefix = [], environment }: StartOptions = {}): Service {
  const [file = '', ...rest] = [...prefix, 'npm', 'start'];
  const child = spawn(file, rest, {
    cwd: checkout.path,
    env: { ...environmentOf(checkout), PORT: '0', DRAIN_MS: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm and what it starts are one process group.
    detached: true,
  });
  const data = dataOf(checkout);
  afterwards(async () => {
    const residue = await findPostmaster(data);
    if (residue.kind === 'running') await stopPostmaster(residue.postmaster, data);
    await rm(join(checkout.path, 'data'), { recursive: true, force: true });
  });
  return watchProcess(child, () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The process group has already ended.
    }
  });
}

/**
 * Resolves with the process id of the embedded PostgreSQL as soon as it runs.
 * @throws Error if the service ends before that.
 */
export async function startedPostgres(checkout: Checkout, { child, output }: Service): Promise<number> {
  while (child.exitCode === null && child.signalCode === null) {
    const residue = await findPostmaster(dataOf(checkout));
    if (residue.kind === 'running') return residue.postmaster.pid;
    await delay(5);
  }
  throw new Error(`The service ended without PostgreSQL: ${output()}`);
}

/** Whether the PostgreSQL process of the checkout runs. */
export function runsPostgres(checkout: Checkout, pid: number): Promise<boolean> {
  return isPostmaster(pid, dataOf(checkout));
}

/** Whether the data folder of the embedded PostgreSQL has been created. */
export function hasData(checkout: Checkout): boolean {
  return existsSync(dataOf(checkout));
}

const dataOf = ({ path }: Checkout) => join(path, 'data/postgres/data');
