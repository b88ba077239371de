import { readFileSync, readlinkSync } from 'node:fs';

/** Ends a PostgreSQL together with this process. */
export interface Guard {
  /** It is gone, or somebody else's. */
  release(): void;
}

/** How long each of two signals may take. */
const patienceMs = 1_000;
const pollMs = 10;

/**
 * Whatever ends this process short of `kill -9`, a second signal or a fault, ends the PostgreSQL as well: in order, and
 * harder when that takes long. Nothing runs after the `exit` of a process, so it is waited for in place.
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

/** As `isPostmaster`, at once; where the system does not tell what a process is, it is the one it was. */
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
