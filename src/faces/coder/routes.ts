import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { anonymous } from '../../auth/viewer.ts';
import { ServiceError } from '../../errors.ts';
import type { Services } from '../shared/services.ts';
import { CoderError, notFound, unknownRoute } from './errors.ts';
import { listInbox, markAllAsRead, setReadStatus } from './inbox.ts';
import { sendCustom, sendTest } from './messages.ts';
import { getPreferences, putPreferences } from './preferences.ts';
import type { RateLimit } from './rate-limit.ts';
import { handleError, sendAnswer, sendFailure } from './reply.ts';
import type { Asked, Route, Variables } from './route.ts';
import { signIn } from './session.ts';
import { getSettings, putSettings } from './settings.ts';
import { getDispatchMethods, listCustomTemplates, listSystemTemplates, putTemplateMethod } from './templates.ts';
import { type PlanWatch, watchPath } from './watch.ts';

/** What the routes of the dialect are given. */
interface CoderOptions {
  readonly services: Services;
  readonly plan: PlanWatch;
  readonly limit: RateLimit;
}

/** Every route that runs a document. */
export const coderRoutes: readonly Route<unknown>[] = [
  getDispatchMethods,
  listInbox,
  markAllAsRead,
  setReadStatus,
  getSettings,
  putSettings,
  listSystemTemplates,
  listCustomTemplates,
  putTemplateMethod,
  sendTest,
  sendCustom,
  getPreferences,
  putPreferences,
];

/** An experiment of the dialect that is switched off here: to clients these are not there. */
const webPushRoutes = [
  ['POST', '/users/:user/webpush/subscription'],
  ['DELETE', '/users/:user/webpush/subscription'],
  ['POST', '/users/:user/webpush/test'],
] as const;

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** Every REST route of the dialect, its body parser and its error handler, in a scope of their own. */
export function registerRoutes(app: FastifyInstance, { services, plan, limit }: CoderOptions): void {
  const { operations, createContext, authenticate, config } = services;
  const methodsOf = new Map<string, Set<string>>();
  readBodiesAsText(app, config.limits.payloadBytes);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((_request, reply) => sendFailure(reply, unknownRoute()));

  /** Who has no session is counted, too: by the address, before the refusal. */
  async function requireSession(request: FastifyRequest): Promise<void> {
    const { method, headers, ip, routeOptions, params: parameters } = request;
    request.viewer = anonymous;
    try {
      request.viewer = await signIn({ method, headers, parameters: queryOf(request) }, authenticate, ip);
    } finally {
      await limit({ viewer: request.viewer, ip, path: routeOptions.url, parameters });
    }
  }

  /** Registers for people with a session. */
  function add(method: Route<unknown>['method'], url: string, handler: Handler, failures: Route<unknown>['failures']) {
    methodsOf.set(url, (methodsOf.get(url) ?? new Set()).add(method));
    app.route({
      method,
      url,
      onRequest: requireSession,
      handler,
      errorHandler: (error, _request, reply) => void sendFailure(reply, error, failures),
    });
  }

  for (const route of coderRoutes) {
    const handler: Handler = async (request, reply) => {
      const run = (variables: Variables) =>
        operations.run<unknown>({ document: route.document, variables }, createContext(request.viewer));
      return sendAnswer(reply, route.render(await run(await variablesOf(route, askedOf(request), run))));
    };
    add(route.method, route.path, handler, route.failures);
  }
  for (const [method, path] of webPushRoutes) {
    const handler: Handler = () => {
      throw notFound();
    };
    add(method, path, handler, {});
  }

  // Asked for without an upgrade; one with it never comes here. The plan says what is wrong.
  methodsOf.set(watchPath, new Set(['GET']));
  app.get(watchPath, (request) => plan(request.raw, urlOf(request)));

  for (const [url, methods] of methodsOf) refuseOthers(app, url, methods);
}

/** @throws what the route refuses, what comes before the body first. */
async function variablesOf(
  route: Route<unknown>,
  asked: Asked,
  run: (variables: Variables) => Promise<unknown>,
): Promise<Variables> {
  try {
    return route.variables?.(asked) ?? {};
  } catch (fault) {
    if (!route.withoutBody) throw fault;
    await run(route.withoutBody(asked)).catch((error: unknown) => {
      if (!isFaultOfBody(error)) throw error;
    });
    throw fault;
  }
}

/** The user is named in the path of a route, and nowhere else. */
function isFaultOfBody(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'FAILED_VALIDATION' && error.extensions['field'] !== 'user';
}

/** The methods that a path does not have. */
function refuseOthers(app: FastifyInstance, url: string, methods: ReadonlySet<string>): void {
  const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !methods.has(method));
  const allow = [...methods].join(', ');
  app.route({
    method: others,
    url,
    exposeHeadRoute: false,
    handler() {
      throw new CoderError(405, { message: 'Method not allowed.' }, { allow });
    },
  });
}

/** The content type of a request does not matter: each route reads the text. */
function readBodiesAsText(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async ({ raw }) => {
    // Fastify refuses a type it cannot read before it looks for a parser.
    if (raw.headers['content-type'] !== undefined) raw.headers['content-type'] = 'application/octet-stream';
  });
}

function askedOf(request: FastifyRequest) {
  return {
    // The names in the path of each route.
    parameters: request.params as Readonly<Record<string, string>>,
    query: queryOf(request),
    body: typeof request.body === 'string' ? request.body : '',
  };
}

function queryOf(request: FastifyRequest): URLSearchParams {
  return urlOf(request).searchParams;
}

function urlOf({ raw }: FastifyRequest): URL {
  return new URL(`http://localhost${raw.url}`);
}
