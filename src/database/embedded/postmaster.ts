import { spawn } from 'node:child_process';
import { open, readFile, readlink, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { programEnvironment } from '../../config.ts';
import { type Account, runProgram } from './account.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedError } from './error.ts';
import { type Guard, guardPostmaster } from './guard.ts';

/** A running PostgreSQL server of one data folder. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** The folder of its Unix socket, when it has one. */
  readonly socketFolder: string | undefined;
}

/** What `postmaster.pid` says of a data folder. */
export type Residue =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly postmaster: Postmaster }
  /** The file outlived its process; `pid` may meanwhile be anybody's. */
  | { readonly kind: 'stale'; readonly pid: number };

/** What a launch needs to know. `data` is the data folder without symbolic links, `log` the file to write to. */
export interface Launch {
  readonly binaries: Binaries;
  readonly account: Account;
  readonly data: string;
  readonly log: string;
  /** Where it puts a Unix socket; undefined: nowhere. */
  readonly socketFolder: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

const pollMs = 20;
const logSizeMax = 1_000_000;

/** Finds the server that runs on the data folder, whoever started it. */
export async function findPostmaster(data: string): Promise<Residue> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const [pid, port, socketFolder] = [Number(lines[0]), Number(lines[3]), lines[4] || undefined];
  if (!Number.isInteger(pid) || pid <= 0) return { kind: 'none' };
  return (await isPostmaster(pid, data))
    ? { kind: 'running', postmaster: { pid, port, socketFolder } }
    : { kind: 'stale', pid };
}

/** Whether this very process is a live PostgreSQL of the data folder, and not just something of the same number. */
export async function isPostmaster(pid: number, data: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (process.platform === 'linux') {
    try {
      // PostgreSQL works in its data folder. A zombie has no folder any more.
      return (await readlink(`/proc/${pid}/cwd`)) === data;
    } catch (error) {
      if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      // A process of another user shows its command line only.
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return line.split('\0').includes(data);
    }
  }
  const { output } = await runProgram({ name: '', prefix: [], owner: undefined }, 'ps', [
    '-o',
    'args=',
    '-p',
    `${pid}`,
  ]);
  return output.includes(data);
}

/**
 * Starts PostgreSQL and returns at once; it may not answer yet. It outlives the service and hears no Ctrl-C
 * of the service's terminal. `exited` tells the reason when it ends; until
 * `guard` is released it ends with this process.
 */
export async function launchPostmaster(
  { binaries, account, data, log, socketFolder, settings }: Launch,
  residue: Residue,
): Promise<{ postmaster: Postmaster; exited: Promise<string>; guard: Guard }> {
  const port = await freePort();
  const options = {
    ...settings,
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketFolder ?? '',
  };
  const [file, ...rest] = [
    ...account.prefix,
    // PostgreSQL refuses to start over a pid file whose number is taken, be it by an innocent process. It knows
    // one exception, its starter's starter; that is also how `pg_ctl` uses it. Its check for surviving
    // children, by shared memory, stays in force.
    ...(residue.kind === 'stale' ? ['env', `PG_GRANDPARENT_PID=${residue.pid}`] : []),
    binaries.postgres,
    '-D',
    data,
    ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ] as [string, ...string[]];
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  const output = await open(log, size > logSizeMax ? 'w' : 'a', 0o600);
  const start = size > logSizeMax ? 0 : size;
  try {
    const child = spawn(file, rest, {
      ...account.owner,
      detached: true,
      cwd: '/',
      env: programEnvironment(),
      stdio: ['ignore', output.fd, output.fd],
    });
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', () => resolve(readFile(log).then((text) => text.subarray(start).toString().trim())));
    });
    child.unref();
    if (child.pid === undefined) throw new EmbeddedError(`PostgreSQL cannot be started: ${await exited}.`);
    // In the same turn in which it begins to run.
    const guard = guardPostmaster(child.pid, data);
    return { postmaster: { pid: child.pid, port, socketFolder }, exited, guard };
  } finally {
    await output.close();
  }
}

/** Shuts the server down without waiting for its clients, and waits until it is gone; harder when it does not go. */
export async function stopPostmaster({ pid }: Postmaster, data: string, patienceMs = 30_000): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!(await isPostmaster(pid, data))) return;
    process.kill(pid, signal);
    if (await isGone(pid, data, patienceMs)) return;
  }
  throw new EmbeddedError(`PostgreSQL (process ${pid}) cannot be stopped.`);
}

/** Waits until the server is gone, at most so long, and no longer than somebody wants to know. */
export async function isGone(pid: number, data: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (await isPostmaster(pid, data)) {
    if (Date.now() > deadline || signal?.aborted) return false;
    await delay(pollMs);
  }
  return true;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
