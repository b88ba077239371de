import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
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
import { findPostmaster, type Postmaster, stopPostmaster } from './embedded/postmaster.ts';
import { prepareServiceRole, serviceUser } from './embedded/service-role.ts';
import { chooseSocketFolder } from './embedded/socket-folder.ts';
import { type Cluster, hold, takeCluster } from './embedded/take.ts';

/** How the embedded PostgreSQL is run. */
export interface EmbeddedOptions {
  /** Everything is kept in its folder `postgres`. */
  readonly dataDir: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Aborted when the start is to be given up. */
  readonly signal?: AbortSignal | undefined;
  /** Told once when PostgreSQL is gone, or taken by another service, without `stop` having been called. */
  readonly onExit?: ((error: Error) => void) | undefined;
  /** Server settings on top of ours; only used when PostgreSQL is not running already. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** The embedded PostgreSQL, held by this process. */
export interface Embedded {
  /** The address of the service's own database, as its owner, who is no superuser; the password included. */
  readonly serviceUrl: string;
  /** The same as the superuser, for operators and tests. */
  readonly url: string;
  /**
   * Ends every connection and shuts PostgreSQL down; everything committed is on disk then. After `patienceMs`, left out
   * half a minute, it is ended at once, and the next start recovers what was committed.
   */
  stop(patienceMs?: number): Promise<void>;
}

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
 * Starts the PostgreSQL that comes with the service, on a free port of the loopback address and a Unix socket that only
 * its owner reaches, or takes over the one that a killed service left running there. It ends with this process, unless that is killed.
 * A start that is given up or fails leaves none running.
 * @throws EmbeddedError when it cannot run here, or another service uses the folder.
 */
export async function startEmbedded({ dataDir, log, signal, onExit, settings }: EmbeddedOptions): Promise<Embedded> {
  const binaries = await findBinaries();
  const folder = await makeFolder(dataDir);
  const home = join(folder, 'postgres');
  const account = await chooseAccount(folder, home, binaries.initdb);
  if ((await findPassword(home)) === undefined) {
    log.info({ folder: home, account: account.name }, 'setting up the embedded database');
    await createCluster(home, account, binaries.initdb, signal);
  }
  const password = await findPassword(home);
  if (password === undefined) throw new EmbeddedError(`${home} is not a database folder of this service.`);
  const paths = clusterPaths(home);
  const data = await realpath(paths.data);
  const sockets = await chooseSocketFolder(home, account);
  const addressOf = ({ port, socketFolder }: Postmaster, who: string, database: string) => {
    const url = `postgresql://${who}@127.0.0.1:${port}/${database}`;
    // A Unix socket costs both sides less than TCP does. Whoever drops the parameter has the same server by TCP. One in
    // a folder that we have not looked at may be anybody's.
    const isKnown = socketFolder !== undefined && socketFolder === sockets.path;
    return isKnown ? `${url}?host=${encodeURIComponent(socketFolder)}` : url;
  };
  const cluster: Cluster = {
    launch: {
      binaries,
      account,
      data,
      log: paths.log,
      socketFolder: sockets.path,
      settings: { ...ourSettings, ...settings },
    },
    folder,
    log,
    urlOf: (postmaster, database) => addressOf(postmaster, `${clusterUser}:${password}`, database),
  };

  const { client, postmaster, guard } = await takeCluster(cluster, signal).catch(async (error: unknown) => {
    // What another service runs there, it may have its socket in.
    if ((await findPostmaster(data)).kind !== 'running') await sockets.remove();
    throw error;
  });
  const stop = async (patienceMs?: number) => {
    await stopPostmaster(postmaster, data, patienceMs);
    guard.release();
    await sockets.remove();
  };
  const url = cluster.urlOf(postmaster, clusterUser);
  let servicePassword: string;
  try {
    signal?.throwIfAborted();
    await removeDrafts(home);
    for (const place of new Set([home, sockets.path ?? home])) await removeStaleSockets(place, postmaster.port);
    servicePassword = await prepareServiceRole(client, url);
  } catch (error) {
    await stop();
    throw error;
  }
  const holding = hold(cluster, postmaster, client, (error) => onExit?.(error));
  return {
    url,
    serviceUrl: addressOf(postmaster, `${serviceUser}:${servicePassword}`, clusterUser),
    stop: async (patienceMs) => {
      holding.release();
      await stop(patienceMs);
      log.info({ folder: home }, 'embedded database stopped');
    },
  };
}

/** Makes the folder, if it is not there. */
async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    return await realpath(path);
  } catch (error) {
    throw new EmbeddedError(`DATA_DIR: the folder ${path} cannot be made: ${(error as Error).message}.`, error);
  }
}
