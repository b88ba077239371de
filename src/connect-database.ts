import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { openDatabase } from './database/client.ts';
import type { Database } from './database/database.ts';
import { type DatabaseMonitor, startMonitor } from './database/monitor.ts';
import { keepIndexes } from './notifications/texts/keep.ts';
import { type FullPrisma, servicePrisma } from './prisma.ts';
import { untilAborted } from './promises.ts';
import type { Teardown } from './teardown.ts';

export interface ConnectOptions {
  /** The URL of the migrated database. */
  readonly url: string;
  readonly log: Logger;
  /** Aborted to cancel the start. */
  readonly signal?: AbortSignal | undefined;
  /** Opens the database; default: a pool of the configured size. */
  readonly open?: ((url: string) => Promise<Database>) | undefined;
  /** Whether this node creates missing indexes. */
  readonly createsIndexes: boolean;
  /** Called when a connection was lost, or the database was restored: results that this node stored may be missing. */
  readonly onDatabaseLost: () => void;
  /** Called when nodes of an older version use the database. */
  readonly onOldNodes: () => void;
}

export interface DatabaseConnection {
  readonly db: Database;
  readonly prisma: FullPrisma;
  readonly monitor: DatabaseMonitor;
}

/** Opens the database and starts to monitor it. Adds each part to `teardown`. */
export async function connectDatabase(
  config: Config,
  { url, log, signal, open, createsIndexes, onDatabaseLost, onOldNodes }: ConnectOptions,
  teardown: Teardown,
): Promise<DatabaseConnection> {
  const unlessAborted = untilAborted(signal);
  const { poolSize, timeoutMs, hasSearchIndex } = config.database;
  let started: DatabaseMonitor | undefined;
  let isClosing = false;
  const openPool = (address: string) =>
    openDatabase({
      url: address,
      poolSize,
      timeoutMs,
      answerMax: config.graphql.answerMax,
      onIdleError: (error) => {
        if (isClosing) return;
        log.warn({ err: error }, 'database connection lost');
        onDatabaseLost();
      },
      onSchemaFault: () => started?.checkSoon(),
    });
  const db = await unlessAborted((open ?? openPool)(url));
  teardown.add({
    name: 'closing the database',
    end() {
      isClosing = true;
      return db.close();
    },
    share: 1 / 2,
  });
  const monitor = await unlessAborted(
    startMonitor({
      url,
      log,
      onOldNodes,
      onOtherNodes() {
        if (config.live.bus !== 'memory') return;
        log.warn(
          'another node uses this database, but EVENT_BUS=memory does not reach other nodes: their subscribers see changes late. Set EVENT_BUS to postgres or a Redis URL',
        );
      },
    }),
  );
  started = monitor;
  teardown.add({ name: 'closing the monitor', end: () => monitor.close(), share: 1 });
  const prisma = servicePrisma(db);
  // The identity changes when the database is restored.
  monitor.identity.onChange(onDatabaseLost);
  if (createsIndexes) {
    // Not awaited: on a large table it takes minutes, and queries work without the indexes, only slower.
    const indexing = keepIndexes({ prisma, url, log, hasSearchIndex });
    teardown.add({ name: 'stopping the creation of indexes', end: () => indexing.stop(), share: 1 / 2 });
  }
  return { db, prisma, monitor };
}
