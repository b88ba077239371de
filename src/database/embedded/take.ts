import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { EmbeddedError } from './error.ts';
import { type Guard, guardPostmaster } from './guard.ts';
import { ended, lockCluster } from './lock.ts';
import {
  findPostmaster,
  isGone,
  type Launch,
  launchPostmaster,
  type Postmaster,
  stopPostmaster,
} from './postmaster.ts';

const patienceMs = 60_000;
const pollMs = 20;
const launchesMax = 5;

/** A folder with a PostgreSQL cluster, and how to reach what runs there. */
export interface Cluster {
  readonly launch: Launch;
  readonly folder: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  urlOf(postmaster: Postmaster, database: string): string;
}

/** The PostgreSQL of a folder, locked by this process. */
export interface Taken {
  readonly client: pg.Client;
  readonly postmaster: Postmaster;
  readonly guard: Guard;
}

/**
 * Finds or starts PostgreSQL until one answers, and locks it.
 * @throws EmbeddedError when it does not start, or another service has it; the reason of the signal when that is aborted.
 */
export async function takeCluster(cluster: Cluster, signal: AbortSignal | undefined): Promise<Taken> {
  const { launch, log } = cluster;
  let reason = '';
  for (let launches = 0; launches < launchesMax; ) {
    const residue = await findPostmaster(launch.data);
    if (residue.kind === 'running') {
      const { postmaster } = residue;
      const client = await connect(cluster, postmaster, goneOf(cluster, postmaster), signal);
      if (client !== undefined) {
        log.info({ postmaster: postmaster.pid }, 'took over the embedded database that was still running');
        return { client, postmaster, guard: guardPostmaster(postmaster.pid, launch.data) };
      }
      // It went while we watched, or it does not answer at all.
      await stopPostmaster(postmaster, launch.data);
      continue;
    }
    launches += 1;
    signal?.throwIfAborted();
    const { postmaster, exited, guard } = await launchPostmaster(launch, residue);
    const over = async () => {
      reason = await exited;
    };
    const client = await connect(cluster, postmaster, over, signal).catch(async (error: unknown) => {
      // One that another service has locked is that service's.
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

/** Fulfilled when the server is gone, or has had its time; nobody listens when `over` is aborted. */
function goneOf({ launch }: Cluster, { pid }: Postmaster): (over: AbortSignal) => Promise<unknown> {
  return (over) => isGone(pid, launch.data, patienceMs, over);
}

/**
 * Connects as soon as PostgreSQL answers; undefined when it is over with it, or it stays silent for too long.
 * @throws the reason of the signal when that is aborted first.
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
      // Recovery after a crash takes as long as it takes, and says so.
      if (client.kind === 'busy') deadline = Date.now() + patienceMs;
      await Promise.race([delay(pollMs), watch]);
    }
    return undefined;
  } finally {
    over.abort();
  }
}

/** Keeps the lock, taking it again when PostgreSQL dropped its connections but lives, and reports when it does not. */
export function hold(cluster: Cluster, postmaster: Postmaster, first: pg.Client, report: (error: Error) => void) {
  let client = first;
  let isReleased = false;
  const keep = async (): Promise<void> => {
    while (!isReleased) {
      await ended(client);
      if (isReleased) return;
      const again = await connect(cluster, postmaster, goneOf(cluster, postmaster));
      if (again === undefined) throw new EmbeddedError(`PostgreSQL (process ${postmaster.pid}) is gone.`);
      client = again;
      cluster.log.warn({ postmaster: postmaster.pid }, 'the embedded database dropped its connections and is back');
    }
  };
  keep().catch((error: unknown) => {
    if (!isReleased) report(error instanceof Error ? error : new Error(String(error)));
  });
  return {
    // The shutdown that follows ends the connection; until then the lock stays ours.
    release: () => {
      isReleased = true;
    },
  };
}
