import { randomUUID } from 'node:crypto';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { trustIn } from './client-address.ts';
import { routeNotFound } from './errors.ts';
import { coderErrors, isCoderAddress, registerCoder } from './faces/coder/register.ts';
import { answerClientError } from './faces/directus/errors.ts';
import { parseQueryString } from './faces/directus/query.ts';
import { directusErrors, registerDirectus } from './faces/directus/register.ts';
import { registerGraphQL } from './faces/graphql/register.ts';
import { boundAnswers } from './faces/shared/answers.ts';
import { allowOrigins } from './faces/shared/cors.ts';
import { createDrain, type DrainOptions } from './faces/shared/drain.ts';
import { type Face, followersOf } from './faces/shared/face.ts';
import { registerHealth } from './faces/shared/health.ts';
import { awaitLateBodies } from './faces/shared/late-bodies.ts';
import type { Services } from './faces/shared/services.ts';
import { forbidSniffing, withoutSniffing } from './faces/shared/sniffing.ts';
import { endStalledConnections } from './faces/shared/stalled.ts';
import { routeUpgrades } from './faces/shared/upgrade.ts';

export interface Server {
  readonly http: FastifyInstance;
  /**
   * `/readyz` says 503 from now on and everything is served for `drainMs`; sockets and event streams are told to come
   * back elsewhere, the listener closes, and what is under way is answered, unless it is cut.
   */
  close(options?: DrainOptions): Promise<void>;
}

/** How long the rest of a request is waited for, in milliseconds. */
const requestMs = 60_000;

/** What no route is found for is answered in the words of the face whose address it has. */
const dialectOf = (address: string) => (isCoderAddress(address) ? coderErrors : directusErrors);

/** Puts every face on one HTTP server, which does not listen yet. @throws StartError */
export async function createServer(services: Services): Promise<Server> {
  const { config, log, unsent } = services;
  const logger: FastifyBaseLogger = log;
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.limits.payloadBytes,
    // Draws its randomness for many at once, which `uuid` does not.
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true, querystringParser: parseQueryString, maxParamLength: 1000 },
    trustProxy: trustIn(config.trustProxy),
    // What still comes is served, or answered in the shape of its dialect: a stop closes when nothing is left.
    return503OnClosing: false,
    requestTimeout: requestMs,
    clientErrorHandler: answerClientError,
    // No hook is called for these.
    frameworkErrors: (error, request, reply) =>
      dialectOf(request.url).handleError(error, request, withoutSniffing(reply)),
  });
  const faces: Face[] = [];
  endStalledConnections(app.server, config.live.stalledMs);
  app.setErrorHandler(directusErrors.handleError);
  forbidSniffing(app);
  // Makes room for the property; each face gives every request its viewer before anything reads it.
  app.decorateRequest('viewer');
  await allowOrigins(app, config.cors);
  const drain = createDrain(app.server, () => followersOf(faces));
  awaitLateBodies(app);
  registerHealth(app, services, () => drain.hasBegun);
  boundAnswers(app, unsent);
  for (const register of [registerDirectus, registerGraphQL, registerCoder]) faces.push(await register(app, services));
  const sockets = new Map(faces.flatMap((face) => [...face.sockets]));
  routeUpgrades(app.server, sockets, (error, address) => dialectOf(address).refusalOf(error, log), routeNotFound);
  return {
    http: app,
    async close(how) {
      await drain.close(how);
      await app.close();
    },
  };
}
