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
import type { Tracer } from './tracing.ts';
import { applyAdminSecrets } from './users/admin-secrets.ts';
import { type SeededAdmin, seedAdmin } from './users/first-admin.ts';
import { usernamesByCase } from './users/usernames.ts';

/** Share of the remaining time for a graceful stop of PostgreSQL; after that it is shut down immediately. */
const orderlyShare = 0.8;

/** A running service. */
export interface App {
  /** Its URL, such as `http://127.0.0.1:8055`. */
  readonly address: string;
  /**
   * Still serves for `stop.drainMs`, while `/readyz` answers 503. Then finishes the requests in progress and ends
   * everything, within `stop.timeoutMs` in all. May be called again.
   * @param hurry aborted to cancel what is in progress: deliveries go back to the queue
   * @throws Error naming the steps that were not completed in time.
   */
  stop(hurry?: AbortSignal): Promise<void>;
}

/** Options of a start. */
export interface StartOptions {
  readonly log: Logger;
  /** Records the work of the service; default: nothing is traced. The start ends it when the service stops. */
  readonly tracer?: Tracer | undefined;
  /** Aborted to cancel the start. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Stores the generated secrets of the first admin, before the admin is committed; they are passed nowhere else. If it
   * fails, there is no admin, and the start fails.
   */
  readonly keepSecrets?: ((admin: SeededAdmin) => Promise<void>) | undefined;
  /** Called when this start has created the first admin. */
  readonly onAdminMade?: ((admin: SeededAdmin) => void) | undefined;
  /** Called when the embedded database ends by itself; the service can then only stop. */
  readonly onDatabaseLost?: ((error: Error) => void) | undefined;
}

/**
 * Starts the whole service in this order: database, migrations, HTTP and sockets, first admin, dispatch. If a step
 * fails or the signal is aborted, everything started before is ended.
 * @throws StartError, EmbeddedError or MigrationError with one sentence about what to fix.
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
      options.log.warn({ err }, 'failed to clean up after a failed start');
    });
    throw error;
  }
}

/** Starts the parts one after the other, and registers how each is ended. */
async function build(config: Config, options: StartOptions, teardown: Teardown): Promise<string> {
  const { log, signal, tracer } = options;
  const unlessAborted = untilAborted(signal);
  const url = config.database.url ?? (await embedded(config, options, teardown));
  const wait = { timeoutMs: config.startupTimeoutMs, log, signal };
  if (config.database.url !== undefined) await awaitDatabase(config.database.url, wait);
  if (config.live.bus.startsWith('redis')) await awaitRedis(config.live.bus, wait);
  if (tracer !== undefined) {
    teardown.add({ name: 'sending spans', end: ({ maxMs }) => tracer.stop(maxMs), share: 1 / 2 });
  }
  await unlessAborted(migrate(url, { log }));
  const app = await assemble(config, { url, log, signal, tracer }, teardown);
  const { prisma } = app;
  await unlessAborted(seedTemplates(prisma));
  const usernames = await unlessAborted(usernamesByCase(prisma));
  if (usernames.length > 0) {
    log.warn({ usernames }, 'some usernames differ only by case; each is found only by its exact spelling');
  }
  // Precedes the generation of secrets: if the port is in use, the start fails before any are created.
  const address = await app.listen();
  const admin = await unlessAborted(seedAdmin(prisma, config.admin, options.keepSecrets));
  if (admin) options.onAdminMade?.(admin);
  else {
    const stored = await unlessAborted(applyAdminSecrets(prisma, config.admin));
    if (stored.length > 0) log.info({ stored }, 'stored ADMIN_PASSWORD or ADMIN_TOKEN for the admin');
  }
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
    end: ({ maxMs }) => database.stop(maxMs * orderlyShare),
    share: 1,
  });
  return database.serviceUrl;
}
