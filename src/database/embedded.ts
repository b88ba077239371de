import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { chooseAccount } from './embedded/account.ts';
import { findBinaries } from './embedded/binaries.ts';
import {
  checkMajor,
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
import { type Cluster, keepLock, takeCluster } from './embedded/take.ts';

/** How to run the embedded PostgreSQL. */
export interface EmbeddedOptions {
  /** The database is stored in the subfolder `postgres`. */
  readonly dataDir: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Aborts the start. */
  readonly signal?: AbortSignal | undefined;
  /** Called once if PostgreSQL ends, or another service takes it over, before `stop` is called. */
  readonly onExit?: ((error: Error) => void) | undefined;
  /** Server settings in addition to those of the service. They are used only if PostgreSQL is not running already. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** The embedded PostgreSQL, held by this process. */
export interface Embedded {
  /** URL of the service's database with the name and password of its owner, who is not a superuser. */
  readonly serviceUrl: string;
  /** URL of the same database with the name and password of the superuser, for operators and tests. */
  readonly url: string;
  /**
   * Closes every connection and shuts PostgreSQL down, with all committed data on disk. If that takes longer than
   * `patienceMs` (default: 30 seconds), shuts it down immediately; the next start recovers the committed data.
   */
  stop(patienceMs?: number): Promise<void>;
}

const serviceSettings = {
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Our statements are short: compiling them costs more than running them.
  jit: 'off',
  // The service itself logs failed statements, without values; this log only covers the server's start, stop and
  // crashes.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
};

/**
 * Starts the embedded PostgreSQL on a free port of the loopback address, and on a Unix socket that only its owner can
 * use; or takes over the server that a killed service left running. The server ends with this process, unless the
 * process is killed. A start that fails or is aborted stops the server.
 * @throws EmbeddedError when PostgreSQL cannot run on this machine, or another service uses the folder.
 */
export async function startEmbedded({ dataDir, log, signal, onExit, settings }: EmbeddedOptions): Promise<Embedded> {
  const binaries = await findBinaries();
  const folder = await makeFolder(dataDir);
  const clusterDir = join(folder, 'postgres');
  const account = await chooseAccount(folder, clusterDir, binaries.initdb);
  if ((await findPassword(clusterDir)) === undefined) {
    log.info({ folder: clusterDir, account: account.name }, 'setting up the embedded database');
    await createCluster(clusterDir, account, binaries.initdb, signal);
  }
  await checkMajor(clusterDir, binaries.major);
  const password = await findPassword(clusterDir);
  if (password === undefined) throw new EmbeddedError(`${clusterDir} is not a database folder of this service.`);
  const paths = clusterPaths(clusterDir);
  const data = await realpath(paths.data);
  const sockets = await chooseSocketFolder(clusterDir, account);
  const addressOf = ({ port, socketFolder }: Postmaster, who: string, database: string) => {
    const url = `postgresql://${who}@127.0.0.1:${port}/${database}`;
    // A Unix socket costs both sides less CPU than TCP. Without the parameter `host`, the URL leads to the same server
    // over TCP. A socket in a folder that `chooseSocketFolder` has not checked may belong to another user.
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
      settings: { ...serviceSettings, ...settings },
    },
    folder,
    log,
    urlOf: (postmaster, database) => addressOf(postmaster, `${clusterUser}:${password}`, database),
  };

  const { client, postmaster, guard } = await takeCluster(cluster, signal).catch(async (error: unknown) => {
    // A running server belongs to another service, and its socket may be in this folder.
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
    await removeDrafts(clusterDir);
    for (const path of new Set([clusterDir, sockets.path ?? clusterDir]))
      await removeStaleSockets(path, postmaster.port);
    servicePassword = await prepareServiceRole(client, url);
  } catch (error) {
    await stop();
    throw error;
  }
  const holding = keepLock(cluster, postmaster, client, (error) => onExit?.(error));
  return {
    url,
    serviceUrl: addressOf(postmaster, `${serviceUser}:${servicePassword}`, clusterUser),
    stop: async (patienceMs) => {
      holding.release();
      await stop(patienceMs);
      log.info({ folder: clusterDir }, 'embedded database stopped');
    },
  };
}

/** Creates the folder if it does not exist; returns its real path. */
async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    return await realpath(path);
  } catch (error) {
    throw new EmbeddedError(`DATA_DIR: the folder ${path} cannot be created: ${(error as Error).message}.`, error);
  }
}
