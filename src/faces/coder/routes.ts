import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { anonymous } from '../../auth/viewer.ts';
import { ServiceError } from '../../errors.ts';
import { type ResolverUnit, withUnit } from '../../schema/context.ts';
import { answerOnce } from '../shared/answer-once.ts';
import { documented, type OperationDescription } from '../shared/openapi.ts';
import { routeOf } from '../shared/route-of.ts';
import type { Services } from '../shared/services.ts';
import { describeRefusal, describeRoute, describeWatch } from './describe-route.ts';
import { CoderError, notFound, unknownRoute } from './errors.ts';
import { listInbox, markAllAsRead, setReadStatus } from './inbox.ts';
import { sendCustom, sendTest } from './messages.ts';
import { getPreferences, putPreferences } from './preferences.ts';
import type { RateLimit } from './rate-limit.ts';
import { handleError, sendAnswer, sendFailure, sendWritten, written } from './reply.ts';
import type { Answer, Route, RouteInput, Variables } from './route.ts';
import { getSettings, putSettings } from './settings.ts';
import { signIn } from './sign-in.ts';
import { getDispatchMethods, listCustomTemplates, listSystemTemplates, putTemplateMethod } from './templates.ts';
import { type PlanWatch, watchPath } from './watch.ts';

/** What the routes depend on. */
interface CoderOptions {
  readonly services: Services;
  readonly plan: PlanWatch;
  readonly limit: RateLimit;
}

/** All routes that run a GraphQL document. */
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

/** The routes of Coder's web push experiment, which is off here: clients expect 404. */
const webPushRoutes = [
  ['POST', '/users/:user/webpush/subscription'],
  ['DELETE', '/users/:user/webpush/subscription'],
  ['POST', '/users/:user/webpush/test'],
] as const;

interface AddedRoute {
  readonly openapi: OperationDescription;
  readonly handler: Handler;
  readonly failures?: Route<unknown>['failures'];
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** Registers all REST routes with their body parser and error handler; the caller provides the scope. */
export function registerRoutes(app: FastifyInstance, { services, plan, limit }: CoderOptions): void {
  const { operations, createContext, authenticate, config } = services;
  const methodsOf = new Map<string, Set<string>>();
  readBodiesAsText(app, config.limits.payloadBytes);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((_request, reply) => sendFailure(reply, unknownRoute()));

  const contextOf = ({ viewer, span, charge }: FastifyRequest) => createContext(viewer, { span, charge });

  /** Requests without a session are counted, by address, before they are refused. */
  async function requireSession(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { method, headers, ip, params: parameters } = request;
    request.viewer = anonymous;
    try {
      request.viewer = await signIn({ method, headers, parameters: queryOf(request) }, authenticate, ip);
    } finally {
      reply.headers(limit({ viewer: request.viewer, ip, path: routeOf(request).url, parameters }));
    }
  }

  /** Registers a route that requires a session. */
  function add(method: Route<unknown>['method'], url: string, { openapi, handler, failures }: AddedRoute) {
    methodsOf.set(url, (methodsOf.get(url) ?? new Set()).add(method));
    app.route({
      method,
      url,
      onRequest: requireSession,
      ...documented(openapi),
      handler,
      errorHandler: (error, _request, reply) => void sendFailure(reply, error, failures ?? {}),
    });
  }

  for (const route of coderRoutes) {
    const answerOf = async (request: FastifyRequest, unit?: ResolverUnit): Promise<Answer> => {
      const context = contextOf(request);
      const run = (variables: Variables) =>
        operations.run<unknown>({ document: route.document, variables }, unit ? withUnit(context, unit) : context);
      return route.render(await run(await variablesOf(route, inputOf(request), run)));
    };
    const handler: Handler =
      route.method === 'GET'
        ? async (request, reply) => sendAnswer(reply, await answerOf(request))
        : async (request, reply) => {
            const work = async (unit?: ResolverUnit) => written(await answerOf(request, unit));
            return sendWritten(reply, await answerOnce(services, request, reply, work));
          };
    const openapi = describeRoute(route, operations.schema);
    add(route.method, route.path, { openapi, handler, failures: route.failures });
  }
  for (const [method, path] of webPushRoutes) {
    const handler: Handler = () => {
      throw notFound();
    };
    add(method, path, { openapi: describeRefusal(method, path, 'Push messages of the browser are off'), handler });
  }

  // Only requests without an upgrade arrive here; the planner throws the error to send.
  methodsOf.set(watchPath, new Set(['GET']));
  app.get(watchPath, documented(describeWatch(watchPath)), (request) => plan(request.raw, urlOf(request)));

  for (const [url, methods] of methodsOf) refuseOthers(app, url, methods);
}

/**
 * @throws the errors of the route. If the body is invalid and the route has `withoutBody`, errors about the target of
 * the request take precedence.
 */
async function variablesOf(
  route: Route<unknown>,
  input: RouteInput,
  run: (variables: Variables) => Promise<unknown>,
): Promise<Variables> {
  try {
    return route.variables?.(input) ?? {};
  } catch (fault) {
    if (!route.withoutBody) throw fault;
    await run(route.withoutBody(input)).catch((error: unknown) => {
      if (!isFaultOfBody(error)) throw error;
    });
    throw fault;
  }
}

/** The field `user` comes from the path, all others from the body. */
function isFaultOfBody(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'FAILED_VALIDATION' && error.extensions['field'] !== 'user';
}

/** Answers 405 to the other methods of a path. */
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

/** Bodies are read as text whatever their content type; each route parses its own. */
function readBodiesAsText(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async ({ raw }) => {
    // Fastify refuses a malformed content type before it looks for a parser.
    if (raw.headers['content-type'] !== undefined) raw.headers['content-type'] = 'application/octet-stream';
  });
}

function inputOf(request: FastifyRequest) {
  return {
    // Fastify fills these from the placeholders of the path.
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
