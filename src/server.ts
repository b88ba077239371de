import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { createConnections } from './auth/connections.ts';
import { createSignIn } from './auth/sign-in.ts';
import { guardTokens } from './auth/token-guard.ts';
import { createTokenWatch } from './auth/token-watch.ts';
import { type Authenticator, bearerToken } from './auth/tokens.ts';
import { anonymous, type Viewer } from './auth/viewer.ts';
import { clientAddress, trustIn } from './client-address.ts';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { routeNotFound } from './errors.ts';
import { createRateLimit } from './faces/coder/rate-limit.ts';
import { refusalOf } from './faces/coder/reply.ts';
import { coderPrefix, handleError as handleCoderError, isCoderAddress, registerCoder } from './faces/coder/routes.ts';
import { createWatchDesk, watchPath } from './faces/coder/watch.ts';
import { coderWatch } from './faces/coder/watch-socket.ts';
import { createRealtimeDesk } from './faces/directus/realtime/plan.ts';
import { directusRealtime } from './faces/directus/realtime/realtime.ts';
import {
  answerClientError,
  errorReply,
  handleError,
  handleNotFound,
  parseQueryString,
  registerDirectus,
} from './faces/directus/routes.ts';
import { readAllowList } from './faces/graphql/allow-list.ts';
import { graphqlPath, registerGraphQL } from './faces/graphql/http.ts';
import { createPersistedQueries } from './faces/graphql/persisted-queries.ts';
import { graphqlSocket } from './faces/graphql/socket.ts';
import { boundAnswers } from './faces/shared/answers.ts';
import { allowOrigins } from './faces/shared/cors.ts';
import { createDrain, type DrainOptions } from './faces/shared/drain.ts';
import { type HealthOptions, registerHealth } from './faces/shared/health.ts';
import { awaitLateBodies } from './faces/shared/late-bodies.ts';
import { assertMayReadMetrics } from './faces/shared/metrics-access.ts';
import { createNewcomers } from './faces/shared/newcomers.ts';
import { endStalledConnections } from './faces/shared/stalled.ts';
import { createUnsent } from './faces/shared/unsent.ts';
import { routeUpgrades, type SocketRoute } from './faces/shared/upgrade.ts';
import { costs } from './operations/costs.ts';
import { createErrorPresenter } from './operations/errors.ts';
import { createOperations } from './operations/operations.ts';
import { createPricer } from './operations/price.ts';
import { type GraphQLContext, withRowBound } from './schema/context.ts';
import { schema } from './schema/schema.ts';

export interface ServerOptions extends Omit<HealthOptions, 'isStopping' | 'assertMayReadMetrics'> {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  readonly authenticator: Authenticator;
  readonly createContext: (viewer: Viewer) => GraphQLContext;
}

export interface Server {
  readonly http: FastifyInstance;
  /**
   * `/readyz` says 503 from now on and everything is served for `drainMs`; sockets and event streams are told to come
   * back elsewhere, the listener closes, and what is under way is answered, unless it is cut.
   */
  close(options?: DrainOptions): Promise<void>;
}

/** How often a socket's peer must answer a ping. */
const heartbeatMs = 15_000;

/** How long the rest of a request is waited for, in milliseconds. */
const requestMs = 60_000;

/** Puts every transport on one HTTP server, which does not listen yet. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { config, log, authenticator, createContext } = options;
  const logger: FastifyBaseLogger = log;
  const trust = trustIn(config.trustProxy);
  const addressOf = (request: IncomingMessage) => clientAddress(request, trust);
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.limits.payloadBytes,
    // Draws its randomness for many at once, which `uuid` does not.
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true, querystringParser: parseQueryString, maxParamLength: 1000 },
    trustProxy: trust,
    // What still comes is served, or answered in the shape of its dialect: a stop closes when nothing is left.
    return503OnClosing: false,
    requestTimeout: requestMs,
    clientErrorHandler: answerClientError,
    // No hook is called for these.
    frameworkErrors: (error, request, reply) =>
      (isCoderAddress(request.url) ? handleCoderError : handleError)(error, request, withoutSniffing(reply)),
  });
  const { limits } = config;
  const pricer = createPricer({ schema, costs, limits, budget: config.graphql.priceLimit });
  const operations = createOperations(schema, { ...config.graphql, pricer });
  const { allowList } = config.graphql;
  const persisted = createPersistedQueries({
    operations,
    allowList: allowList === undefined ? undefined : await readAllowList(allowList, config.graphql),
  });
  const presentError = createErrorPresenter(log);

  const contextOf = (request: FastifyRequest, rows?: { readonly most: number | undefined }) => {
    const context = createContext(request.viewer);
    return rows ? withRowBound(context, rows.most) : context;
  };
  const authenticate = guardTokens((token) => authenticator.authenticate(token), {
    perMinute: config.wrongTokenLimit,
    log,
  });
  const tokens = createTokenWatch({ db: options.db, now: () => new Date() });

  const connections = createConnections(config.live.connectionsPerUser);
  const newcomers = createNewcomers(config.live.newcomersPerAddress);

  endStalledConnections(app.server, config.live.stalledMs);
  app.setErrorHandler(handleError);
  app.addHook('onRequest', (_request, reply, done) => {
    withoutSniffing(reply);
    done();
  });
  // Makes room for the property; a hook of each scope gives every request its viewer before anything reads it.
  app.decorateRequest('viewer');
  await allowOrigins(app, config.cors);
  const streams = new Set<ServerResponse>();
  const drain = createDrain(app.server, () => [
    ...[...routes.values()].flatMap(({ server, dismiss }) =>
      [...server.clients].map((client) => () => dismiss(client)),
    ),
    // Cut rather than completed: whoever listens is to come back.
    ...[...streams].map((stream) => () => void stream.destroy()),
  ]);
  awaitLateBodies(app);
  registerHealth(app, {
    ...options,
    isStopping: () => drain.hasBegun,
    assertMayReadMetrics: (request) => assertMayReadMetrics(request, { token: config.metricsToken, authenticate }),
  });
  const unsent = createUnsent(config.unsentBytes);
  boundAnswers(app, unsent);
  await app.register(async (scope) => {
    scope.setNotFoundHandler(handleNotFound);
    scope.addHook('onRequest', async (request) => {
      const token = bearerToken(request.headers, request.query);
      request.viewer = token === undefined ? anonymous : await authenticate(token, request.ip);
    });
    await scope.register(async (inner) =>
      registerGraphQL(inner, {
        operations,
        persisted,
        presentError,
        contextOf,
        connections,
        streams,
        watchToken(request, onGone) {
          const token = bearerToken(request.headers, request.query);
          return token === undefined ? () => undefined : tokens.watch(token, request.viewer, onGone);
        },
      }),
    );
    await scope.register(registerDirectus, {
      operations,
      contextOf,
      limits: config.limits,
      introspection: config.graphql.introspection,
    });
  });
  const { payloadBytes } = config.limits;
  const limit = await createRateLimit(app, config.coderRateLimit);
  const { publicUrl } = config;
  // Whoever may be any page is not one that was named.
  const origins = config.cors === 'any' ? [] : config.cors;
  const watchDesk = createWatchDesk({ authenticate, addressOf, publicUrl, origins, limit });
  const coder = { operations, contextOf, authenticate, watchDesk, payloadBytes, limit };
  await app.register(registerCoder, { prefix: coderPrefix, ...coder });

  const tokenOf = (request: IncomingMessage, url: URL) =>
    bearerToken(request.headers, Object.fromEntries(url.searchParams));
  const socket = graphqlSocket({
    operations,
    persisted,
    presentError,
    createContext,
    authenticate,
    addressOf,
    watchToken: tokens.watch,
    connections,
    newcomers,
    operationsMax: config.live.subscriptionsPerConnection,
    unsent,
    tokenOf,
    log,
    maxPayloadBytes: payloadBytes,
    heartbeatMs,
  });
  const { plan } = watchDesk;
  const watch = coderWatch({
    operations,
    createContext,
    plan,
    watchToken: tokens.watch,
    connections,
    log,
    maxPayloadBytes: payloadBytes,
    heartbeatMs,
  });
  const signIn = createSignIn({ db: options.db, authenticate, tokens });
  const realtime =
    config.realtime &&
    directusRealtime({
      ...config.realtime,
      operations,
      createContext,
      desk: createRealtimeDesk({ operations, createContext, limits: config.limits }),
      signIn,
      addressOf,
      connections,
      newcomers,
      tokenOf,
      publicUrl,
      origins,
      subscriptionsMax: config.live.subscriptionsPerConnection,
      unsent,
      log,
      maxPayloadBytes: payloadBytes,
    });
  const routes = new Map<string, SocketRoute>([
    ...(config.realtime && realtime ? [[config.realtime.path, realtime] as const] : []),
    [graphqlPath, socket],
    ['/graphql', socket],
    [coderPrefix + watchPath, watch],
  ]);
  const refuse = (error: unknown, address: string) => (isCoderAddress(address) ? refusalOf : errorReply)(error, log);
  routeUpgrades(app.server, routes, refuse, routeNotFound);

  return {
    http: app,
    async close(how) {
      await drain.close(how);
      await app.close();
      tokens.stop();
      signIn.stop();
    },
  };
}

/** Nobody guesses what an answer is from what users wrote. */
function withoutSniffing(reply: FastifyReply): FastifyReply {
  return reply.header('x-content-type-options', 'nosniff');
}
