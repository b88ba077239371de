import type { IncomingMessage } from 'node:http';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { createTrust } from './client-address.ts';
import { routeNotFound } from './errors.ts';
import { coderErrors, isCoderAddress, registerCoder } from './faces/coder/register.ts';
import { answerClientError } from './faces/directus/errors.ts';
import { parseQueryString } from './faces/directus/query.ts';
import { directusErrors, registerDirectus } from './faces/directus/register.ts';
import { registerGraphQL } from './faces/graphql/register.ts';
import { registerPages } from './faces/pages/register.ts';
import { logAccess } from './faces/shared/access-log.ts';
import { allowOrigins } from './faces/shared/cors.ts';
import { createDrain, type DrainOptions } from './faces/shared/drain.ts';
import { type Face, followersOf } from './faces/shared/face.ts';
import { registerHealth } from './faces/shared/health.ts';
import { registerJwks } from './faces/shared/jwks.ts';
import { awaitLateBodies } from './faces/shared/late-bodies.ts';
import { limitCallers } from './faces/shared/limit-callers.ts';
import { limitUnsentResponses } from './faces/shared/limit-unsent-responses.ts';
import { collectOperations } from './faces/shared/openapi.ts';
import { refuseOverload } from './faces/shared/refuse-overload.ts';
import { answerRequestIds, idOfUpgrade, requestIdHeader, requestIdOf } from './faces/shared/request-id.ts';
import { measureFollowers, measureRequests } from './faces/shared/request-metrics.ts';
import type { Services } from './faces/shared/services.ts';
import { forbidSniffing, withoutSniffing } from './faces/shared/sniffing.ts';
import { endStalledConnections } from './faces/shared/stalled.ts';
import { traceRequests } from './faces/shared/trace-requests.ts';
import { routeUpgrades } from './faces/shared/upgrade.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The paths of all sockets. */
    socketPaths: readonly string[];
  }
}

export interface Server {
  readonly http: FastifyInstance;
  /**
   * Stops the server. From now on `/readyz` answers 503. After `drainMs`, in which everything is still served, sockets
   * and event streams are asked to reconnect to another node, and the listener closes. Requests in progress are
   * answered unless the stop is cut short.
   */
  close(options?: DrainOptions): Promise<void>;
}

/** Milliseconds within which a request must arrive completely. */
const requestMs = 60_000;

/** The error format of an address, even if no route matches it. */
const dialectOf = (address: string) => (isCoderAddress(address) ? coderErrors : directusErrors);

/** Creates the HTTP server and registers every face; the server does not listen yet. @throws StartError */
export async function createServer(services: Services): Promise<Server> {
  const { config, log, unsent, registry, tracer, callerLimits, countRefusal } = services;
  const logger: FastifyBaseLogger = log;
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: config.limits.payloadBytes,
    genReqId: ({ headers }) => requestIdOf(headers),
    routerOptions: { ignoreTrailingSlash: true, querystringParser: parseQueryString, maxParamLength: 1000 },
    trustProxy: createTrust(config.trustProxy),
    // Requests that arrive during a stop are still served, or refused by their face; Fastify's own 503 has another
    // format.
    return503OnClosing: false,
    requestTimeout: requestMs,
    clientErrorHandler: answerClientError,
    // Fastify calls no hook for these errors, so the header is set here.
    frameworkErrors: (error, request, reply) =>
      dialectOf(request.url).handleError(error, request, withoutSniffing(reply).header(requestIdHeader, request.id)),
  });
  const faces: Face[] = [];
  endStalledConnections(app.server, config.live.stalledMs);
  app.setErrorHandler(directusErrors.handleError);
  forbidSniffing(app);
  traceRequests(app, tracer);
  answerRequestIds(app);
  const streams = () => faces.reduce((sum, { streams: open }) => sum + (open?.size ?? 0), 0);
  refuseOverload(app, config.overload, { registry, countRefusal, streams });
  logAccess(app, log);
  // Both are only declared. Each face sets the viewer of a request before anything reads it.
  app.decorateRequest('viewer');
  app.decorateRequest('knownRoute', undefined);
  await allowOrigins(app, config.cors);
  const drain = createDrain(app.server, () => followersOf(faces));
  awaitLateBodies(app);
  measureRequests(app, registry);
  const openapi = collectOperations(app);
  registerHealth(app, services, () => drain.hasBegun);
  registerJwks(app, services);
  limitCallers(app, callerLimits);
  limitUnsentResponses(app, unsent);
  for (const register of [registerDirectus, registerGraphQL, registerCoder]) faces.push(await register(app, services));
  await registerPages(app, services, { openapi, handleError: directusErrors.handleError });
  measureFollowers(faces, registry);
  const sockets = new Map(faces.flatMap((face) => [...face.sockets]));
  app.decorate('socketPaths', [...sockets.keys()]);
  const refuse = (error: unknown, request: IncomingMessage) =>
    dialectOf(request.url ?? '/').refusalOf(error, log.child({ requestId: idOfUpgrade(request) }));
  routeUpgrades(app.server, sockets, refuse, routeNotFound);
  return {
    http: app,
    async close(how) {
      await drain.close(how);
      await app.close();
    },
  };
}
