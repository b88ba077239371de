import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from '../../auth/token-guard.ts';
import { anonymous } from '../../auth/viewer.ts';
import { ServiceError } from '../../errors.ts';
import { execute, type Operations } from '../shared/execute.ts';
import { isAborted } from '../shared/late-bodies.ts';
import { CoderError, notFound, unknownRoute } from './errors.ts';
import { listInbox, markAllAsRead, setReadStatus } from './inbox.ts';
import { sendCustom, sendTest } from './messages.ts';
import { getPreferences, putPreferences } from './preferences.ts';
import type { RateLimit } from './rate-limit.ts';
import { sendAnswer, sendFailure } from './reply.ts';
import type { Asked, Route, Variables } from './route.ts';
import { signIn } from './session.ts';
import { getSettings, putSettings } from './settings.ts';
import { getDispatchMethods, listCustomTemplates, listSystemTemplates, putTemplateMethod } from './templates.ts';
import { type WatchDesk, watchPath } from './watch.ts';

/** Where the dialect lives. */
export const coderPrefix = '/api/v2';

/** What the routes of the dialect are given. */
export interface CoderOptions {
  readonly operations: Operations;
  /** The context that resolvers get, made for one request whose `viewer` is set. */
  readonly contextOf: (request: FastifyRequest) => unknown;
  readonly authenticate: Authenticate;
  readonly watchDesk: WatchDesk;
  /** Largest request body in bytes. */
  readonly payloadBytes: number;
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

/** A Fastify plugin, to be registered below `coderPrefix`, with every route of the Coder notifications API. */
export async function registerCoder(app: FastifyInstance, options: CoderOptions): Promise<void> {
  const methodsOf = new Map<string, Set<string>>();
  readBodiesAsText(app, options.payloadBytes);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((_request, reply) => sendFailure(reply, unknownRoute()));

  /** Who has no session is counted, too: by the address, before the refusal. */
  async function requireSession(request: FastifyRequest): Promise<void> {
    const { method, headers, ip, routeOptions, params: parameters } = request;
    request.viewer = anonymous;
    try {
      request.viewer = await signIn({ method, headers, parameters: queryOf(request) }, options.authenticate, ip);
    } finally {
      await options.limit({ viewer: request.viewer, ip, path: routeOptions.url, parameters });
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
      errorHandler: (error, request, reply) => void sendFailure(reply, fromFastify(error, request), failures),
    });
  }

  for (const route of coderRoutes) {
    const handler: Handler = async (request, reply) => {
      const run = (variables: Variables) =>
        execute(options.operations, { document: route.document, variables }, options.contextOf(request));
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

  // Asked for without an upgrade; one with it never comes here. The desk says what is wrong.
  methodsOf.set(watchPath, new Set(['GET']));
  app.get(watchPath, (request) => options.watchDesk.plan(request.raw, urlOf(request)));

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

/** The error handler of the dialect, for what fails before a route is found. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  sendFailure(reply, fromFastify(error, request));
}

/** Whether an address, with or without its query, is one of the dialect's. */
export function isCoderAddress(address: string): boolean {
  return /^\/api\/v2(?=[/?]|$)/.test(address);
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

const incompleteBody = () =>
  new CoderError(400, { message: 'Request body must be valid JSON.', detail: 'unexpected EOF' });

/** Fastify's own refusals in the words of the dialect; everything else as it is. */
function fromFastify(error: unknown, request: FastifyRequest): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (isAborted(error, request)) return incompleteBody();
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new CoderError(413, { message: 'Request body is too large.' });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return incompleteBody();
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
    case 'FST_ERR_NOT_FOUND':
      return unknownRoute();
    default:
      return error;
  }
}
