import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { chooseAccount } from './embedded/account.ts';
import { findBinaries } from './embedded/binaries.ts';
import {
  clusterPaths,
  clusterUser,
  createCluster,
  findPassword,
  removeDrafts,
  removeStaleSockets,
} from './embedded/cluster.ts';
import { EmbeddedError } from './embedded/error.ts';
import { ended, lockCluster } from './embedded/lock.ts';
import {
  findPostmaster,
  isGone,
  type Launch,
  launchPostmaster,
  type Postmaster,
  stopPostmaster,
} from './embedded/postmaster.ts';

/** How the embedded PostgreSQL is run. */
export interface EmbeddedOptions {
  /** Everything is kept in its folder `postgres`. */
  readonly dataDir: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Told once when PostgreSQL is gone, or taken by another service, without `stop` having been called. */
  readonly onExit?: ((error: Error) => void) | undefined;
  /** Server settings on top of ours; only used when PostgreSQL is not running already. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** The embedded PostgreSQL, held by this process. */
export interface Embedded {
  /** The address of the service's own database, password included. */
  readonly url: string;
  /** Ends every connection and shuts PostgreSQL down; everything committed is on disk then. */
  stop(): Promise<void>;
}

const patienceMs = 60_000;
const pollMs = 20;
const launchesMax = 5;

const ourSettings = {
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Our statements are short: compiling them costs more than running them.
  jit: 'off',
  // The service logs the errors it meets, without the values; here only the life of the server is told.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
};

/**
 * Starts the PostgreSQL that comes with the service, on a free port of the loopback address and a Unix socket in its
 * folder, or takes over the one that a killed service left running there.
 * @throws EmbeddedError when it cannot run here, or another service uses the folder.
 */
export async function startEmbedded({ dataDir, log, onExit, settings }: EmbeddedOptions): Promise<Embedded> {
  const binaries = await findBinaries();
  await mkdir(dataDir, { recursive: true });
  const folder = await realpath(dataDir);
  const home = join(folder, 'postgres');
  const account = await chooseAccount(folder, home, binaries.initdb);
  if ((await findPassword(home)) === undefined) {
    log.info({ folder: home, account: account.name }, 'setting up the embedded database');
    await createCluster(home, account, binaries.initdb);
  }
  const password = await findPassword(home);
  if (password === undefined) throw new EmbeddedError(`${home} is not a database folder of this service.`);
  const paths = clusterPaths(home);
  const data = await realpath(paths.data);
  const cluster: Cluster = {
    launch: { binaries, account, data, log: paths.log, socketFolder: home, settings: { ...ourSettings, ...settings } },
    folder,
    log,
    urlOf({ port, socketFolder }, database) {
      const url = `postgresql://${clusterUser}:${password}@127.0.0.1:${port}/${database}`;
      // A Unix socket costs both sides less than TCP does. Whoever drops the parameter has the same server by TCP.
      return socketFolder === undefined ? url : `${url}?host=${encodeURIComponent(socketFolder)}`;
    },
  };

  const { client, postmaster } = await takeCluster(cluster);
  try {
    await removeDrafts(home);
    await removeStaleSockets(home, postmaster.port);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [clusterUser]);
    if (rowCount === 0) await client.query(`create database ${clusterUser}`);
  } catch (error) {
    await client.end();
    throw error;
  }
  const holding = hold(cluster, postmaster, client, (error) => onExit?.(error));
  return {
    url: cluster.urlOf(postmaster, clusterUser),
    stop: async () => {
      holding.release();
      await stopPostmaster(postmaster, data);
      log.info({ folder: home }, 'embedded database stopped');
    },
  };
}

interface Cluster {
  readonly launch: Launch;
  readonly folder: string;
  readonly log: EmbeddedOptions['log'];
  urlOf(postmaster: Postmaster, database: string): string;
}

/** Finds or starts PostgreSQL until one answers, and locks it. */
async function takeCluster(cluster: Cluster): Promise<{ client: pg.Client; postmaster: Postmaster }> {
  const { launch, log } = cluster;
  let reason = '';
  for (let launches = 0; launches < launchesMax; ) {
    const residue = await findPostmaster(launch.data);
    if (residue.kind === 'running') {
      const { postmaster } = residue;
      const client = await connect(cluster, postmaster, isGone(postmaster.pid, launch.data, patienceMs));
      if (client !== undefined) {
        log.info({ postmaster: postmaster.pid }, 'took over the embedded database that was still running');
        return { client, postmaster };
      }
      // It went while we watched, or it does not answer at all.
      await stopPostmaster(postmaster, launch.data);
      continue;
    }
    launches += 1;
    const { postmaster, exited } = await launchPostmaster(launch, residue);
    const client = await connect(
      cluster,
      postmaster,
      exited.then((text) => {
        reason = text;
      }),
    );
    if (client !== undefined) {
      log.info({ postmaster: postmaster.pid, port: postmaster.port }, 'embedded database started');
      return { client, postmaster };
    }
  }
  throw new EmbeddedError(`PostgreSQL does not start in ${launch.data}:\n${reason}\n`);
}

/** Connects as soon as PostgreSQL answers; undefined when it is over with it, or it stays silent for too long. */
async function connect(
  cluster: Cluster,
  postmaster: Postmaster,
  over: Promise<unknown>,
): Promise<pg.Client | undefined> {
  let deadline = Date.now() + patienceMs;
  let isOver = false;
  const watch = over.then(() => {
    isOver = true;
  });
  while (!isOver && Date.now() < deadline) {
    const client = await lockCluster(cluster.urlOf(postmaster, 'postgres'));
    if (client instanceof pg.Client) return client;
    if (client.kind === 'locked') {
      throw new EmbeddedError(`The data folder ${cluster.folder} is in use by another running service.`);
    }
    // Recovery after a crash takes as long as it takes, and says so.
    if (client.kind === 'busy') deadline = Date.now() + patienceMs;
    await Promise.race([delay(pollMs), watch]);
  }
  return undefined;
}

/** Keeps the lock, taking it again when PostgreSQL dropped its connections but lives, and reports when it does not. */
function hold(cluster: Cluster, postmaster: Postmaster, first: pg.Client, report: (error: Error) => void) {
  let client = first;
  let isReleased = false;
  const keep = async (): Promise<void> => {
    while (!isReleased) {
      await ended(client);
      if (isReleased) return;
      const again = await connect(cluster, postmaster, isGone(postmaster.pid, cluster.launch.data, patienceMs));
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
