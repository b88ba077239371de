import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createConnections } from './auth/connections.ts';
import { announceRevocation } from './auth/revocations.ts';
import { createSignIn } from './auth/sign-in.ts';
import { guardTokens } from './auth/token-guard.ts';
import { createTokenWatch } from './auth/token-watch.ts';
import { createAuthenticator } from './auth/tokens.ts';
import type { Viewer } from './auth/viewer.ts';
import { clientAddress, createTrust } from './client-address.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database/client.ts';
import type { Database } from './database/database.ts';
import { type DatabaseMonitor, startMonitor } from './database/monitor.ts';
import { measurePool } from './database/pool-metrics.ts';
import { createDispatchPort } from './dispatch/dispatch-port.ts';
import { type Dispatcher, startDispatcher } from './dispatch/dispatcher.ts';
import { createMetrics } from './dispatch/metrics.ts';
import type { Services } from './faces/shared/services.ts';
import { createUnauthenticatedSockets } from './faces/shared/unauthenticated-sockets.ts';
import { createUnsent } from './faces/shared/unsent.ts';
import { addressOf, listen } from './listen.ts';
import { openBus } from './live/bus/open-bus.ts';
import { createNotificationEvents } from './live/events/notification-events.ts';
import { createFeed } from './live/feed/feed.ts';
import { createMetricsPage } from './metrics/metrics-page.ts';
import { createDriftMetrics } from './notifications/drift.ts';
import { startTombstonePurge } from './notifications/purge-tombstones.ts';
import { keepIndexes } from './notifications/texts/keep.ts';
import { costs } from './operations/costs.ts';
import { createErrorPresenter } from './operations/errors.ts';
import { createOperationMetrics } from './operations/operation-metrics.ts';
import { createOperations } from './operations/operations.ts';
import { createPricer } from './operations/price.ts';
import { createUnsubscribeSigner } from './preferences/unsubscribe-token.ts';
import { type FullPrisma, servicePrisma } from './prisma.ts';
import { untilAborted } from './promises.ts';
import { createContext, type GraphQLContext, type Surroundings } from './schema/context.ts';
import { schema } from './schema/schema.ts';
import { createServer } from './server.ts';
import { stopTimes } from './stop-times.ts';
import type { Teardown } from './teardown.ts';

/** Every part of the service, put together over one database. */
export interface App {
  readonly db: Database;
  readonly prisma: FullPrisma;
  /** The context of a viewer, for calling nouns as a resolver does. */
  readonly createContext: (viewer: Viewer) => GraphQLContext;
  /** Lets the server listen at the configured host and port. Returns its address. @throws StartError */
  listen(): Promise<string>;
  /** Starts to send queued deliveries. Call it after `listen`, because links in messages contain the node's address. */
  startDispatching(): void;
}

export interface AppOptions {
  /** The URL of the migrated database. */
  readonly url: string;
  readonly log: Logger;
  /** Aborted to cancel the start. */
  readonly signal?: AbortSignal | undefined;
  /**
   * False: this node only serves requests. It sends nothing and creates no indexes, and `/readyz` does not require it.
   */
  readonly worksInBackground?: boolean;
  /** Opens the database; default: a pool of the configured size. */
  readonly open?: (url: string) => Promise<Database>;
}

/**
 * The composition root: creates database, nouns, dispatcher and faces. Each part is added to `teardown` when it is
 * created, so that it is ended even if a later part fails.
 */
export async function assemble(config: Config, options: AppOptions, teardown: Teardown): Promise<App> {
  const { url, log, signal, worksInBackground = true, open } = options;
  const unlessAborted = untilAborted(signal);
  const now = () => new Date();
  let dispatcher: Dispatcher | undefined;
  let monitor: DatabaseMonitor | undefined;
  let isClosing = false;
  const openPool = (address: string) =>
    openDatabase({
      url: address,
      poolSize: config.database.poolSize,
      timeoutMs: config.database.timeoutMs,
      answerMax: config.graphql.answerMax,
      onIdleError: (error) => {
        if (isClosing) return;
        log.warn({ err: error }, 'database connection lost');
        dispatcher?.databaseLost();
      },
      onSchemaFault: () => monitor?.lookSoon(),
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
  const watch = await unlessAborted(
    startMonitor({
      url,
      log,
      onOldNodes: () => dispatcher?.sweep(),
      onOtherNodes() {
        if (config.live.bus !== 'memory') return;
        log.warn(
          'another node uses this database, but EVENT_BUS=memory does not reach other nodes: their subscribers see changes late. Set EVENT_BUS to postgres or a Redis URL',
        );
      },
    }),
  );
  monitor = watch;
  teardown.add({ name: 'closing the monitor', end: () => watch.close(), share: 1 });
  const prisma = servicePrisma(db);
  const { identity } = watch;
  // After a restore, results that this node stored may be missing.
  identity.onChange(() => dispatcher?.databaseLost());
  if (worksInBackground) {
    // Not awaited: on a large table it takes minutes, and queries work without the indexes, only slower.
    const indexing = keepIndexes({ prisma, url, log, hasSearchIndex: config.database.hasSearchIndex });
    teardown.add({ name: 'stopping the creation of indexes', end: () => indexing.stop(), share: 1 / 2 });
  }

  const unsubscribeToken = await unlessAborted(
    createUnsubscribeSigner(prisma, identity, (err) => log.error({ err }, 'failed to read the unsubscribe key')),
  );
  const bus = await unlessAborted(openBus({ kind: config.live.bus, databaseUrl: url, identity, log }));
  teardown.add({ name: 'closing the bus', end: () => bus.close(), share: 1 / 3 });
  const onError = (err: unknown) => log.error({ err }, 'failed to read changes');
  const notificationEvents = createNotificationEvents({ prisma, bus, identity, onError });
  const feed = createFeed({
    prisma,
    bus,
    identity,
    onError,
    onUserDeleted: (user) => announceRevocation(prisma, user),
  });
  const endPurge = startTombstonePurge(prisma, config.live.retentionDays, log);
  const baseUrl = () => config.publicUrl ?? addressOf(server.http);
  const dispatch = createDispatchPort(config.dispatch, {
    get baseUrl() {
      return baseUrl();
    },
    wake: () => dispatcher?.wake(),
  });
  const surroundings: Surroundings = {
    prisma,
    bus,
    now,
    notificationEvents,
    feed,
    identity,
    limits: config.limits,
    dispatch,
  };
  const contextOf = (viewer: Viewer) => createContext(surroundings, viewer);

  const registry = new Registry();
  const metrics = createMetrics(prisma, registry);
  measurePool(db, registry);
  const authenticator = createAuthenticator({ prisma, now });
  const authenticate = guardTokens((token) => authenticator.authenticate(token), {
    perMinute: config.wrongTokenLimit,
    log,
  });
  const tokens = createTokenWatch({ prisma, now });
  const signIn = createSignIn({ prisma, authenticate, tokens });
  teardown.add({
    name: 'ending subscriptions',
    end() {
      tokens.stop();
      signIn.stop();
      endPurge();
      feed.stop();
      notificationEvents.stop();
    },
    share: 1,
  });
  const health = {
    checkDatabase: () => watch.check(),
    isDispatching: worksInBackground ? () => dispatcher?.isRunning() ?? false : undefined,
    renderMetrics: createMetricsPage(registry, [metrics.measureQueue, createDriftMetrics(prisma, registry)]),
  };
  const server = await createServer(
    servicesOf({ config, log, createContext: contextOf, authenticate, tokens, signIn, health, registry }),
  );
  let isServing = false;
  const times = stopTimes(config.stop);
  teardown.add({
    name: 'finishing requests and deliveries',
    // Both stop concurrently. Deliveries that requests enqueue meanwhile stay queued for another node or the next
    // start.
    async end({ hurry }) {
      const cut = AbortSignal.any([hurry, AbortSignal.timeout(times.graceMs)]);
      // If the start fails before the server listens, there are no clients to wait for.
      const drainMs = isServing ? config.stop.drainMs : 0;
      await Promise.all([server.close({ drainMs, cut }), dispatcher?.stop({ cut, flushMs: times.flushMs })]);
    },
    share: (times.graceMs + times.flushMs) / times.timeoutMs,
  });
  const newDispatcher = () =>
    startDispatcher({ prisma, config: config.dispatch, baseUrl, unsubscribeToken, bus, log, now, metrics });
  return {
    db,
    prisma,
    createContext: contextOf,
    async listen() {
      await listen(server.http, config);
      signal?.throwIfAborted();
      isServing = true;
      return addressOf(server.http);
    },
    startDispatching() {
      dispatcher = newDispatcher();
      // When this version may no longer write to the database, the node stops sending and refuses requests.
      const unguard = watch.guard({
        async pause() {
          await dispatcher?.stop();
          await db.suspend();
        },
        resume() {
          db.resume();
          dispatcher = newDispatcher();
        },
      });
      teardown.add({ name: 'ending the guard of the version', end: unguard, share: 1 });
    },
  };
}

type GivenServices = Pick<
  Services,
  'config' | 'log' | 'createContext' | 'authenticate' | 'tokens' | 'signIn' | 'health' | 'registry'
>;

/** Completes the services of the faces with those that depend only on the configuration and the schema. */
export function servicesOf(given: GivenServices): Services {
  const { config, log, registry } = given;
  const { limits, graphql, live } = config;
  const pricer = createPricer({ schema, costs, limits, budget: graphql.priceLimit });
  const trust = createTrust(config.trustProxy);
  return {
    ...given,
    operations: createOperations(schema, { ...graphql, pricer, onExecuted: createOperationMetrics(registry) }),
    presentError: createErrorPresenter(log),
    connections: createConnections(live.connectionsPerUser),
    unauthenticatedSockets: createUnauthenticatedSockets(live.unauthenticatedSocketsPerAddress),
    unsent: createUnsent(config.unsentBytes),
    addressOf: (request) => clientAddress(request, trust),
  };
}
