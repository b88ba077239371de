import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { announceRevocation } from './auth/revocations.ts';
import { createAuthenticator } from './auth/tokens.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database/client.ts';
import { startEmbedded } from './database/embedded.ts';
import { migrate } from './database/migrate.ts';
import { type DatabaseMonitor, startMonitor } from './database/monitor.ts';
import { type SeededAdmin, seedAdmin } from './database/seed.ts';
import { type Dispatcher, startDispatcher } from './dispatch/dispatcher.ts';
import { createMetrics } from './dispatch/metrics.ts';
import { createOutbox } from './dispatch/outbox.ts';
import { createContext, type Surroundings } from './graphql/context.ts';
import { createFeed } from './live/feed.ts';
import { createMutations } from './live/mutations.ts';
import { openBus } from './live/open-bus.ts';
import { purgeTombstones } from './notifications/purge-tombstones.ts';
import { createServer } from './server.ts';
import { seedTemplates } from './templates/system-templates.ts';

/** How often old deletions are forgotten. */
const purgeIntervalMs = 60 * 60 * 1000;

/** A running service. */
export interface App {
  /** Where it answers, such as `http://127.0.0.1:8055`. */
  readonly address: string;
  /** Answers what is under way, closes every socket and the database; may be called again. */
  stop(): Promise<void>;
}

/** What else a start may be told. */
export interface StartOptions {
  readonly log: Logger;
  /** Called as soon as this start has made the first admin: the generated secrets are told nowhere else. */
  readonly onAdminMade?: ((admin: SeededAdmin) => void) | undefined;
  /** Called when the embedded database ends by itself: without it the service can only stop. */
  readonly onDatabaseLost?: ((error: Error) => void) | undefined;
}

/**
 * Starts the whole service: database, migrations, first admin, HTTP and sockets, in this order.
 * What was started is stopped again when a later step fails.
 */
export async function start(config: Config, options: StartOptions): Promise<App> {
  const { log } = options;
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    // Taken off as it goes, so that a second call waits for nothing twice.
    for (let step = started.pop(); step; step = started.pop()) await step();
  };
  try {
    const url = config.database.url ?? (await embedded(config, options, started));
    await migrate(url, { log });
    let dispatcher: Dispatcher | undefined;
    let monitor: DatabaseMonitor | undefined;
    const db = await openDatabase({
      url,
      poolSize: config.database.poolSize,
      timeoutMs: config.database.timeoutMs,
      onIdleError: (error) => {
        log.warn({ err: error }, 'database connection lost');
        dispatcher?.databaseLost();
      },
      onSchemaFault: () => monitor?.lookSoon(),
    });
    started.push(() => db.close());
    const watch = await startMonitor({ url, log });
    monitor = watch;
    started.push(async () => watch.close());
    const { identity } = watch;
    await seedTemplates(db);
    const admin = await seedAdmin(db, config.admin);
    if (admin) options.onAdminMade?.(admin);

    const now = () => new Date();
    const bus = await openBus({
      kind: config.live.bus,
      databaseUrl: url,
      identity,
      log,
    });
    started.push(() => bus.close());
    const onError = (err: unknown) => log.error({ err }, 'changes could not be read');
    const mutations = createMutations({ db, bus, identity, onError });
    started.push(async () => mutations.stop());
    const feed = createFeed({ db, bus, identity, onError, onUserGone: (user) => announceRevocation(db, user) });
    started.push(async () => feed.stop());
    const purging = setInterval(() => {
      purgeTombstones(db, config.live.retentionDays).catch((err: unknown) => {
        log.error({ err }, 'old deletions could not be forgotten');
      });
    }, purgeIntervalMs);
    started.push(async () => clearInterval(purging));
    const authenticator = createAuthenticator({ db, now });
    const baseUrl = () => config.publicUrl ?? addressOf(server.http.server.address());
    const outbox = createOutbox(config.dispatch, {
      get baseUrl() {
        return baseUrl();
      },
      wake: () => dispatcher?.wake(),
    });
    const metrics = createMetrics(db);
    const surroundings: Surroundings = { db, bus, now, mutations, feed, identity, limits: config.limits, outbox };
    const server = await createServer({
      config,
      log,
      db,
      authenticator,
      checkDatabase: () => watch.check(),
      isDispatching: () => dispatcher?.isRunning() ?? false,
      metrics,
      createContext: (viewer) => createContext(surroundings, viewer),
    });
    // Taken off after the server: what the last requests enqueue is still sent.
    started.push(async () => dispatcher?.stop());
    started.push(() => server.close());
    await server.http.listen({ host: config.host, port: config.port });
    // Links in messages lead to where the server listens.
    const dispatch = () => startDispatcher({ db, config: config.dispatch, baseUrl, bus, log, now, metrics });
    dispatcher = dispatch();
    // A version that may not write the database any more sends nothing and answers nothing.
    const unguard = watch.guard({
      async pause() {
        await dispatcher?.stop();
        await db.suspend();
      },
      resume() {
        db.resume();
        dispatcher = dispatch();
      },
    });
    started.push(async () => unguard());
    return { address: addressOf(server.http.server.address()), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function embedded(
  { dataDir }: Config,
  { log, onDatabaseLost }: StartOptions,
  started: (() => Promise<void>)[],
): Promise<string> {
  const database = await startEmbedded({ dataDir, log, onExit: onDatabaseLost });
  started.push(() => database.stop());
  return database.url;
}

function addressOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
