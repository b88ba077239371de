import { readFileSync, readlinkSync } from 'node:fs';

/** Stops a PostgreSQL server when this process exits. */
export interface Guard {
  /** Removes the guard. To be called when the server has ended, or belongs to another process. */
  release(): void;
}

/** Milliseconds to wait for the end of the server after each of the two signals. */
const patienceMs = 1_000;
const pollMs = 10;

/**
 * Stops PostgreSQL on every exit of this process except `kill -9`, also after a second signal or an uncaught error:
 * first with a fast shutdown, and with an immediate one if that takes too long. Nothing runs after the `exit` event, so
 * its handler blocks until the server has ended.
 */
export function guardPostmaster(pid: number, data: string): Guard {
  const onExit = () => {
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
      if (!runs(pid, data)) return;
      process.kill(pid, signal);
      const endsAt = Date.now() + patienceMs;
      while (runs(pid, data) && Date.now() < endsAt) sleep(pollMs);
    }
  };
  process.once('exit', onExit);
  return { release: () => void process.off('exit', onExit) };
}

/**
 * Like `isPostmaster`, but synchronous. On systems where processes cannot be inspected, any process with this id counts
 * as the server.
 */
function runs(pid: number, data: string): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    return readlinkSync(`/proc/${pid}/cwd`) === data;
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    return false;
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
