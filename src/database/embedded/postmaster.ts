import { spawn } from 'node:child_process';
import { open, readFile, readlink, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { programEnvironment } from '../../program-environment.ts';
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

/** The state of a data folder according to its file `postmaster.pid`. */
export type PidFileState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly postmaster: Postmaster }
  /** The server that wrote the file has ended; `pid` may now be the id of another process. */
  | { readonly kind: 'stale'; readonly pid: number };

/** How to launch a server. `data` is the data folder without symbolic links, `log` the file for its output. */
export interface Launch {
  readonly binaries: Binaries;
  readonly account: Account;
  readonly data: string;
  readonly log: string;
  /** The folder for the Unix socket; undefined: no Unix socket. */
  readonly socketFolder: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

const pollMs = 20;
const logSizeMax = 1_000_000;

/** Finds the server that runs on the data folder, whoever started it. */
export async function findPostmaster(data: string): Promise<PidFileState> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const [pid, port, socketFolder] = [Number(lines[0]), Number(lines[3]), lines[4] || undefined];
  if (!Number.isInteger(pid) || pid <= 0) return { kind: 'none' };
  return (await isPostmaster(pid, data))
    ? { kind: 'running', postmaster: { pid, port, socketFolder } }
    : { kind: 'stale', pid };
}

/** Whether the process is a live PostgreSQL server of the data folder; another process may have reused the id. */
export async function isPostmaster(pid: number, data: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (process.platform === 'linux') {
    try {
      // The working directory of PostgreSQL is its data folder. A zombie process has no working directory.
      return (await readlink(`/proc/${pid}/cwd`)) === data;
    } catch (error) {
      if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      // If the process belongs to another user, only its command line is readable.
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
 * Starts PostgreSQL and returns before it accepts connections. The server is detached: Ctrl-C in the service's terminal
 * does not reach it. `exited` resolves with the server's output when the server ends. Until `guard` is released, the
 * server is stopped when this process exits.
 */
export async function launchPostmaster(
  { binaries, account, data, log, socketFolder, settings }: Launch,
  pidFile: PidFileState,
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
    // PostgreSQL refuses to start if any process has the id in the pid file, even an unrelated one. It ignores only the
    // id in this variable, which `pg_ctl` sets to its own parent. The check for surviving children of the old server,
    // by shared memory, still applies.
    ...(pidFile.kind === 'stale' ? ['env', `PG_GRANDPARENT_PID=${pidFile.pid}`] : []),
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
    // The guard is created in the same turn of the event loop as `spawn`, so that this process cannot exit in between.
    const guard = guardPostmaster(child.pid, data);
    return { postmaster: { pid: child.pid, port, socketFolder }, exited, guard };
  } finally {
    await output.close();
  }
}

/**
 * Shuts the server down without waiting for its clients, and resolves when it has ended. After `patienceMs` it sends
 * the next stronger signal.
 */
export async function stopPostmaster({ pid }: Postmaster, data: string, patienceMs = 30_000): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!(await isPostmaster(pid, data))) return;
    process.kill(pid, signal);
    if (await waitUntilGone(pid, data, patienceMs)) return;
  }
  throw new EmbeddedError(`PostgreSQL (process ${pid}) cannot be stopped.`);
}

/** Waits until the server has ended and returns true; returns false on timeout or when the signal is aborted. */
export async function waitUntilGone(
  pid: number,
  data: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
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
