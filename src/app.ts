import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { announceRevocation } from './auth/revocations.ts';
import type { Viewer } from './auth/viewer.ts';
import type { Config } from './config.ts';
import { connectDatabase } from './connect-database.ts';
import { connectTokens } from './connect-tokens.ts';
import type { Database } from './database/database.ts';
import { measurePool } from './database/pool-metrics.ts';
import { createDispatchPort } from './dispatch/dispatch-port.ts';
import { type Dispatcher, startDispatcher } from './dispatch/dispatcher.ts';
import { createMetrics } from './dispatch/metrics.ts';
import { sendPasswordReset } from './dispatch/send-password-reset.ts';
import { faceServices } from './face-services.ts';
import { createIdempotency } from './idempotency/idempotency.ts';
import { addressOf, listen } from './listen.ts';
import { openBus } from './live/bus/open-bus.ts';
import { createNotificationEvents } from './live/events/notification-events.ts';
import { createFeed } from './live/feed/feed.ts';
import { createMetricsPage } from './metrics/metrics-page.ts';
import { createDriftMetrics } from './notifications/drift.ts';
import { createUnsubscribeSigner } from './preferences/unsubscribe-token.ts';
import type { FullPrisma } from './prisma.ts';
import { untilAborted } from './promises.ts';
import { openLimits } from './rate-limits/open-limits.ts';
import { createRefusalMetrics } from './rate-limits/refusal-metrics.ts';
import { createContext, type GraphQLContext, type RequestParts, type Surroundings } from './schema/context.ts';
import { createServer } from './server.ts';
import { startCleanup } from './start-cleanup.ts';
import { stopTimes } from './stop-times.ts';
import type { Teardown } from './teardown.ts';
import type { Tracer } from './tracing.ts';

/** The assembled service. */
export interface App {
  readonly db: Database;
  readonly prisma: FullPrisma;
  /** Creates the context with which nouns are called for a viewer, as resolvers do. */
  readonly createContext: (viewer: Viewer) => GraphQLContext;
  /** Starts listening on the configured host and port. Returns the address. @throws StartError */
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
   * False: this node only serves requests. It sends nothing and creates no indexes, and `/readyz` requires no
   * dispatcher.
   */
  readonly worksInBackground?: boolean;
  /** Undefined: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  /** Opens the database; default: a pool of the configured size. */
  readonly open?: (url: string) => Promise<Database>;
  /** The time; default: that of the system. */
  readonly now?: () => Date;
}

/**
 * The composition root: creates database, nouns, dispatcher and faces. Each part is added to `teardown` when it is
 * created, so that it is ended even if a later part fails.
 */
export async function assemble(config: Config, options: AppOptions, teardown: Teardown): Promise<App> {
  const { url, log, signal, worksInBackground = true, open, tracer, now = () => new Date() } = options;
  const unlessAborted = untilAborted(signal);
  let dispatcher: Dispatcher | undefined;
  const { db, prisma, monitor } = await connectDatabase(
    config,
    {
      url,
      log,
      signal,
      open,
      createsIndexes: worksInBackground,
      onDatabaseLost: () => dispatcher?.databaseLost(),
      onOldNodes: () => dispatcher?.sweep(),
    },
    teardown,
  );
  const { identity } = monitor;
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
  const endCleanup = startCleanup(config, { prisma, bus, now, log });
  const baseUrl = () => config.publicUrl ?? addressOf(server.http);
  const dispatch = createDispatchPort(config.dispatch, {
    get baseUrl() {
      return baseUrl();
    },
    wake: () => dispatcher?.wake(),
  });
  const {
    authenticate,
    tokens,
    signIn,
    auth,
    passwordResets,
    resetToken,
    oidc,
    signingKeys,
    issuers,
    stop: stopTokens,
  } = connectTokens(config, {
    prisma,
    identity,
    log,
    now,
    baseUrl,
    sendReset: (mail) => sendPasswordReset({ prisma, dispatch, now }, mail),
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
    signingKeys,
    issuers,
    auth,
    passwordResets,
  };
  const contextOf = (viewer: Viewer, of?: RequestParts) => createContext(surroundings, viewer, of);

  const registry = new Registry();
  const metrics = createMetrics(prisma, registry);
  const countRefusal = createRefusalMetrics(registry);
  const rateLimits = await unlessAborted(
    openLimits(config.rateLimits, { bus: config.live.bus, identity, log, count: countRefusal }),
  );
  teardown.add({ name: 'closing the limits of callers', end: () => rateLimits.close(), share: 1 });
  measurePool(db, registry);
  teardown.add({
    name: 'ending subscriptions',
    end() {
      stopTokens();
      endCleanup();
      feed.stop();
      notificationEvents.stop();
    },
    share: 1,
  });
  const health = {
    checkDatabase: () => monitor.check(),
    isDispatching: worksInBackground ? () => dispatcher?.isRunning() ?? false : undefined,
    renderMetrics: createMetricsPage(registry, [metrics.measureQueue, createDriftMetrics(prisma, registry)]),
  };
  const server = await createServer(
    faceServices({
      config,
      log,
      createContext: contextOf,
      authenticate,
      tokens,
      signIn,
      auth,
      passwordResets,
      oidc,
      idempotency: createIdempotency(prisma, { hours: config.idempotencyHours, poolSize: config.database.poolSize }),
      publishKeys: () => signingKeys.publish(),
      callerLimits: rateLimits.callers,
      countRefusal,
      health,
      registry,
      tracer,
    }),
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
    startDispatcher({
      prisma,
      config: config.dispatch,
      baseUrl,
      unsubscribeToken,
      resetToken,
      bus,
      log,
      now,
      tracer,
      metrics,
    });
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
      const unguard = monitor.guard({
        async pause() {
          await dispatcher?.stop();
          await db.suspend();
        },
        resume() {
          db.resume();
          dispatcher = newDispatcher();
        },
      });
      teardown.add({ name: 'removing the version guard', end: unguard, share: 1 });
    },
  };
}
