import type { Logger } from 'pino';
import { announceRevocation } from './auth/revocations.ts';
import { createAuthenticator } from './auth/tokens.ts';
import type { Config } from './config.ts';
import { awaitDatabase } from './database/await-database.ts';
import { openDatabase } from './database/client.ts';
import { startEmbedded } from './database/embedded.ts';
import { migrate } from './database/migrate.ts';
import { type DatabaseMonitor, startMonitor } from './database/monitor.ts';
import { createDispatchPort } from './dispatch/dispatch-port.ts';
import { type Dispatcher, startDispatcher } from './dispatch/dispatcher.ts';
import { createMetrics, renderMetrics } from './dispatch/metrics.ts';
import { addressOf, listen } from './listen.ts';
import { awaitRedis } from './live/bus/await-redis.ts';
import { openBus } from './live/bus/open-bus.ts';
import { createNotificationEvents } from './live/events/notification-events.ts';
import { createFeed } from './live/feed/feed.ts';
import { startTombstonePurge } from './notifications/purge-tombstones.ts';
import { keepIndexes } from './notifications/texts/keep.ts';
import { servicePrisma } from './prisma.ts';
import { untilAborted } from './promises.ts';
import { createContext, type Surroundings } from './schema/context.ts';
import { createServer } from './server.ts';
import { createTeardown, type Teardown } from './teardown.ts';
import { seedTemplates } from './templates/system-templates.ts';
import { type SeededAdmin, seedAdmin } from './users/first-admin.ts';
import { usernamesByCase } from './users/usernames.ts';

/** Of a stop, at most, for what comes after the last request and delivery, in milliseconds. */
const longestReserveMs = 2_000;
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
  let dispatcher: Dispatcher | undefined;
  let monitor: DatabaseMonitor | undefined;
  let isClosing = false;
  const db = await unlessAborted(
    openDatabase({
      url,
      poolSize: config.database.poolSize,
      timeoutMs: config.database.timeoutMs,
      answerMax: config.graphql.answerMax,
      onIdleError: (error) => {
        if (isClosing) return;
        log.warn({ err: error }, 'database connection lost');
        dispatcher?.databaseLost();
      },
      onSchemaFault: () => monitor?.lookSoon(),
    }),
  );
  teardown.add({
    name: 'closing the database',
    end() {
      isClosing = true;
      return db.close();
    },
    share: 1 / 2,
  });
  const watch = await unlessAborted(
    startMonitor({
      url,
      log,
      onOldNodes: () => dispatcher?.sweep(),
      onOtherNodes() {
        if (config.live.bus !== 'memory') return;
        log.warn(
          'another node works on this database, and EVENT_BUS=memory carries nothing between nodes: changes reach subscribers of the other only when it looks; set EVENT_BUS to postgres or to the address of a Redis',
        );
      },
    }),
  );
  monitor = watch;
  teardown.add({ name: 'closing the monitor', end: () => watch.close(), share: 1 });
  const { identity } = watch;
  // Another history may have lost what was settled here.
  identity.onChange(() => dispatcher?.databaseLost());
  await unlessAborted(seedTemplates(db));
  const usernames = await unlessAborted(usernamesByCase(db));
  if (usernames.length > 0) {
    log.warn({ usernames }, 'usernames that differ only by case: each is found by its exact spelling alone');
  }
  const admin = await unlessAborted(seedAdmin(db, config.admin));
  if (admin) options.onAdminMade?.(admin);

  // Not waited for: on a large table it takes minutes, and what is asked meanwhile is only slower.
  const { hasSearchIndex } = config.database;
  const indexing = keepIndexes({ db, url, log, hasSearchIndex });
  teardown.add({ name: 'ending the making of indexes', end: () => indexing.stop(), share: 1 / 2 });

  const now = () => new Date();
  const bus = await unlessAborted(openBus({ kind: config.live.bus, databaseUrl: url, identity, log }));
  teardown.add({ name: 'closing the bus', end: () => bus.close(), share: 1 / 3 });
  const onError = (err: unknown) => log.error({ err }, 'changes could not be read');
  const notificationEvents = createNotificationEvents({ db, bus, identity, onError });
  const feed = createFeed({ db, bus, identity, onError, onUserGone: (user) => announceRevocation(db, user) });
  const endPurge = startTombstonePurge(db, config.live.retentionDays, log);
  teardown.add({
    name: 'ending subscriptions',
    end() {
      endPurge();
      feed.stop();
      notificationEvents.stop();
    },
    share: 1,
  });
  const authenticator = createAuthenticator({ db, now });
  const baseUrl = () => config.publicUrl ?? addressOf(server.http);
  const dispatch = createDispatchPort(config.dispatch, {
    get baseUrl() {
      return baseUrl();
    },
    wake: () => dispatcher?.wake(),
  });
  const metrics = createMetrics(db);
  const prisma = servicePrisma(db);
  const surroundings: Surroundings = {
    db,
    prisma,
    bus,
    now,
    notificationEvents,
    feed,
    identity,
    limits: config.limits,
    dispatch,
  };
  const server = await createServer({
    config,
    log,
    db,
    authenticator,
    checkDatabase: () => watch.check(),
    isDispatching: () => dispatcher?.isRunning() ?? false,
    renderMetrics: () => renderMetrics(metrics),
    createContext: (viewer) => createContext(surroundings, viewer),
  });
  const times = stopTimes(config.stop);
  teardown.add({
    name: 'finishing requests and deliveries',
    // Side by side. What requests enqueue meanwhile waits in the queue for another node, or for the next start.
    async end({ hurry }) {
      const cut = AbortSignal.any([hurry, AbortSignal.timeout(times.graceMs)]);
      // A start that fails has nobody to serve.
      const drainMs = dispatcher === undefined ? 0 : config.stop.drainMs;
      await Promise.all([server.close({ drainMs, cut }), dispatcher?.stop({ cut, flushMs: times.flushMs })]);
    },
    share: (times.graceMs + times.flushMs) / times.timeoutMs,
  });
  await listen(server.http, config);
  signal?.throwIfAborted();
  // Links in messages lead to where the server listens.
  const startDispatching = () => startDispatcher({ db, config: config.dispatch, baseUrl, bus, log, now, metrics });
  dispatcher = startDispatching();
  // A version that may not write the database any more sends nothing and answers nothing.
  const unguard = watch.guard({
    async pause() {
      await dispatcher?.stop();
      await db.suspend();
    },
    resume() {
      db.resume();
      dispatcher = startDispatching();
    },
  });
  teardown.add({ name: 'ending the guard of the version', end: unguard, share: 1 });
  return addressOf(server.http);
}

/** How long a stop may take, and what of it: serving and sending, storing results; the rest is for the database. */
function stopTimes({ timeoutMs }: Config['stop']) {
  const reserveMs = Math.min(timeoutMs / 4, longestReserveMs);
  // It ends a little before the process is ended.
  return { timeoutMs: 0.99 * timeoutMs, graceMs: timeoutMs - reserveMs, flushMs: reserveMs / 2 };
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
