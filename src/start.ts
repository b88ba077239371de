import type { Logger } from 'pino';
import { assemble } from './app.ts';
import type { Config } from './config.ts';
import { awaitDatabase } from './database/await-database.ts';
import { startEmbedded } from './database/embedded.ts';
import { migrate } from './database/migrate.ts';
import { awaitRedis } from './live/bus/await-redis.ts';
import { untilAborted } from './promises.ts';
import { stopTimes } from './stop-times.ts';
import { createTeardown, type Teardown } from './teardown.ts';
import { seedTemplates } from './templates/system-templates.ts';
import { type SeededAdmin, seedAdmin } from './users/first-admin.ts';
import { usernamesByCase } from './users/usernames.ts';

/** Of the time that is left for PostgreSQL to stop in order; with the rest it is stopped harder. */
const orderlyShare = 0.8;

/** A running service. */
export interface App {
  /** Where it answers, such as `http://127.0.0.1:8055`. */
  readonly address: string;
  /**
   * Serves for `stop.drainMs` more while `/readyz` says 503, then answers what is under way and ends everything, within
   * `stop.timeoutMs`. May be called again.
   * @param hurry aborted when what is under way is to be given up: deliveries go back to the queue
   * @throws Error naming what could not be ended in time.
   */
  stop(hurry?: AbortSignal): Promise<void>;
}

/** What else a start may be told. */
export interface StartOptions {
  readonly log: Logger;
  /** Aborted when the start is to be given up. */
  readonly signal?: AbortSignal | undefined;
  /** Called as soon as this start has made the first admin: the generated secrets are told nowhere else. */
  readonly onAdminMade?: ((admin: SeededAdmin) => void) | undefined;
  /** Called when the embedded database ends by itself: without it the service can only stop. */
  readonly onDatabaseLost?: ((error: Error) => void) | undefined;
}

/**
 * Starts the whole service: database, migrations, first admin, HTTP and sockets, in this order.
 * What was started is ended again when a later step fails, or the signal is aborted.
 * @throws StartError, EmbeddedError or MigrationError saying in a sentence what is to be mended.
 */
export async function start(config: Config, options: StartOptions): Promise<App> {
  const teardown = createTeardown();
  try {
    const address = await build(config, options, teardown);
    let stopping: Promise<void> | undefined;
    return {
      address,
      stop: (hurry) => {
        stopping ??= teardown.run(stopTimes(config.stop).timeoutMs, hurry);
        return stopping;
      },
    };
  } catch (error) {
    await teardown.run(stopTimes(config.stop).timeoutMs).catch((err: unknown) => {
      options.log.warn({ err }, 'a failed start could not be undone');
    });
    throw error;
  }
}

/** Starts one part after the other, and says of each how it is ended. */
async function build(config: Config, options: StartOptions, teardown: Teardown): Promise<string> {
  const { log, signal } = options;
  const unlessAborted = untilAborted(signal);
  const url = config.database.url ?? (await embedded(config, options, teardown));
  const wait = { timeoutMs: config.startupTimeoutMs, log, signal };
  if (config.database.url !== undefined) await awaitDatabase(config.database.url, wait);
  if (config.live.bus.startsWith('redis')) await awaitRedis(config.live.bus, wait);
  await unlessAborted(migrate(url, { log }));
  const app = await assemble(config, { url, log, signal }, teardown);
  const { prisma } = app;
  await unlessAborted(seedTemplates(prisma));
  const usernames = await unlessAborted(usernamesByCase(prisma));
  if (usernames.length > 0) {
    log.warn({ usernames }, 'usernames that differ only by case: each is found by its exact spelling alone');
  }
  const admin = await unlessAborted(seedAdmin(prisma, config.admin));
  if (admin) options.onAdminMade?.(admin);
  const address = await app.listen();
  app.startDispatching();
  return address;
}

async function embedded(
  { dataDir }: Config,
  { log, signal, onDatabaseLost }: StartOptions,
  teardown: Teardown,
): Promise<string> {
  const database = await startEmbedded({ dataDir, log, signal, onExit: onDatabaseLost });
  teardown.add({
    name: 'stopping the embedded database',
    end: ({ mostMs }) => database.stop(mostMs * orderlyShare),
    share: 1,
  });
  return database.serviceUrl;
}
