import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { EmbeddedError } from './error.ts';
import { type Guard, guardPostmaster } from './guard.ts';
import { ended, lockCluster } from './lock.ts';
import {
  findPostmaster,
  type Launch,
  launchPostmaster,
  type Postmaster,
  stopPostmaster,
  waitUntilGone,
} from './postmaster.ts';

const patienceMs = 60_000;
const pollMs = 20;
const launchesMax = 5;

/** A folder with a PostgreSQL cluster, and the URL of the server that runs on it. */
export interface Cluster {
  readonly launch: Launch;
  readonly folder: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  urlOf(postmaster: Postmaster, database: string): string;
}

/** The PostgreSQL of a folder, locked by this process. */
export interface LockedCluster {
  readonly client: pg.Client;
  readonly postmaster: Postmaster;
  readonly guard: Guard;
}

/**
 * Connects to the running PostgreSQL server, or starts one, and locks the cluster.
 * @throws EmbeddedError when PostgreSQL does not start, or another service holds the lock; the reason of the signal
 * when it is aborted.
 */
export async function takeCluster(cluster: Cluster, signal: AbortSignal | undefined): Promise<LockedCluster> {
  const { launch, log } = cluster;
  let reason = '';
  for (let launches = 0; launches < launchesMax; ) {
    const pidFile = await findPostmaster(launch.data);
    if (pidFile.kind === 'running') {
      const { postmaster } = pidFile;
      const client = await connect(cluster, postmaster, endWatcher(cluster, postmaster), signal);
      if (client !== undefined) {
        log.info({ postmaster: postmaster.pid }, 'took over the embedded database that was still running');
        return { client, postmaster, guard: guardPostmaster(postmaster.pid, launch.data) };
      }
      // The server has ended in the meantime, or it does not answer.
      await stopPostmaster(postmaster, launch.data);
      continue;
    }
    launches += 1;
    signal?.throwIfAborted();
    const { postmaster, exited, guard } = await launchPostmaster(launch, pidFile);
    const watchEnd = async () => {
      reason = await exited;
    };
    const client = await connect(cluster, postmaster, watchEnd, signal).catch(async (error: unknown) => {
      // If another service holds the lock, the server is used by that service and must not be stopped.
      if (!(error instanceof LockedError)) await stopPostmaster(postmaster, launch.data);
      guard.release();
      throw error;
    });
    if (client !== undefined) {
      log.info({ postmaster: postmaster.pid, port: postmaster.port }, 'embedded database started');
      return { client, postmaster, guard };
    }
    guard.release();
  }
  throw new EmbeddedError(`PostgreSQL does not start in ${launch.data}:\n${reason}\n`);
}

class LockedError extends EmbeddedError {}

/** Returns a function that resolves when the server has ended, on timeout, or when its signal is aborted. */
function endWatcher({ launch }: Cluster, { pid }: Postmaster): (over: AbortSignal) => Promise<unknown> {
  return (over) => waitUntilGone(pid, launch.data, patienceMs, over);
}

/**
 * Connects as soon as PostgreSQL answers and locks the cluster; returns undefined when the server ends or does not
 * answer in time.
 * @param watchEnd resolves when the server has ended
 * @throws LockedError when another service holds the lock; the reason of the signal when it is aborted.
 */
async function connect(
  cluster: Cluster,
  postmaster: Postmaster,
  watchEnd: (over: AbortSignal) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<pg.Client | undefined> {
  let deadline = Date.now() + patienceMs;
  let isOver = false;
  const over = new AbortController();
  const watch = watchEnd(over.signal).then(() => {
    isOver = true;
  });
  try {
    while (!isOver && Date.now() < deadline) {
      const client = await lockCluster(cluster.urlOf(postmaster, 'postgres'));
      if (client instanceof pg.Client) return client;
      if (client.kind === 'locked') {
        throw new LockedError(`The data folder ${cluster.folder} is in use by another running service.`);
      }
      signal?.throwIfAborted();
      // Recovery after a crash may take any time; PostgreSQL reports that it is in progress.
      if (client.kind === 'busy') deadline = Date.now() + patienceMs;
      await Promise.race([delay(pollMs), watch]);
    }
    return undefined;
  } finally {
    over.abort();
  }
}

/**
 * Keeps the lock: takes it again if PostgreSQL drops its connections but keeps running. Calls `report` if that fails.
 */
export function keepLock(cluster: Cluster, postmaster: Postmaster, first: pg.Client, report: (error: Error) => void) {
  let client = first;
  let isReleased = false;
  const keep = async (): Promise<void> => {
    while (!isReleased) {
      await ended(client);
      if (isReleased) return;
      const again = await connect(cluster, postmaster, endWatcher(cluster, postmaster));
      if (again === undefined) throw new EmbeddedError(`PostgreSQL (process ${postmaster.pid}) has ended.`);
      client = again;
      cluster.log.warn(
        { postmaster: postmaster.pid },
        'reconnected to the embedded database after it dropped its connections',
      );
    }
  };
  keep().catch((error: unknown) => {
    if (!isReleased) report(error instanceof Error ? error : new Error(String(error)));
  });
  return {
    // The caller then shuts the server down, which closes the connection and frees the lock.
    release: () => {
      isReleased = true;
    },
  };
}
