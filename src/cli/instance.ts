import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { awaitDatabase } from '../database/await-database.ts';
import { findCluster } from '../database/embedded/attach.ts';
import { startEmbedded } from '../database/embedded.ts';
import { loadEnvFile } from '../env-file.ts';
import { createLogger } from '../log.ts';
import { readConfig } from '../read-config.ts';
import { Failure } from './failure.ts';

/** The database of an instance, for commands that work on it directly. */
export interface Instance {
  readonly url: string;
  readonly config: Config;
  /** Stops the embedded database if it was started for the command. */
  close(): Promise<void>;
}

export interface InstanceOptions {
  /** Whether no service may be running on an embedded database. */
  readonly isAlone?: boolean;
  /** Whether an embedded database is created if there is none. */
  readonly mayCreate?: boolean;
}

/** Commands print errors themselves. */
const log = createLogger({ level: 'silent' });

/**
 * Opens the database of `DATABASE_URL`, or the embedded one in `DATA_DIR`. The latter is started for the command unless
 * a service is running it.
 * @throws Failure, ConfigError, StartError or EmbeddedError with one sentence about what to fix.
 */
export async function openInstance({ isAlone = false, mayCreate = false }: InstanceOptions = {}): Promise<Instance> {
  loadEnvFile();
  const config = readConfig();
  const { url } = config.database;
  if (url !== undefined) {
    await awaitDatabase(url, { timeoutMs: Math.min(config.startupTimeoutMs, 5_000), log, signal: undefined });
    return { url, config, close: async () => undefined };
  }
  const folder = resolve(config.dataDir);
  const found = await findCluster(config.dataDir);
  if (found.kind === 'none' && !mayCreate) {
    throw new Failure(`There is no database in ${folder}; set DATA_DIR to the folder of the service, or DATABASE_URL.`);
  }
  if (found.kind === 'running' && !isAlone) return { url: found.url, config, close: async () => undefined };
  const embedded = await startEmbedded({ dataDir: config.dataDir, log }).catch((error: Error) => {
    if (!/is in use by another running service/.test(error.message)) throw error;
    throw new Failure(`A service is running on ${folder}; stop it first.`);
  });
  return { url: embedded.serviceUrl, config, close: () => embedded.stop() };
}
