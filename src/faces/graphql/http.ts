import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionArgs } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { methodNotAllowed } from '../../errors.ts';
import { keyHeader, replayedHeader } from '../../idempotency/parse-key.ts';
import { type ErrorPresenter, errorForViewer } from '../../operations/errors.ts';
import type { Operations } from '../../operations/operations.ts';
import { subscribe } from '../../operations/subscribe.ts';
import type { GraphQLContext } from '../../schema/context.ts';
import { authClientOf } from '../shared/auth-client.ts';
import { requestToken } from '../shared/identify.ts';
import type { Services } from '../shared/services.ts';
import { createRequestExecutor, type RequestExecutor } from './execute-request.ts';
import { registerGraphiQL, sendPage, wantsPage } from './graphiql-routes.ts';
import { keyedRequestOf, setKeyedRequest, useKeyExtension } from './idempotent-requests.ts';
import type { PersistedQueries } from './persisted-queries.ts';
import { createPlainRequests } from './plain-requests.ts';
import { assertServed, readable, useKnownParameters, usePersistedQueries } from './requests.ts';
import { assertAcceptable, useResponseStreams } from './response-streams.ts';
import { isStream } from './stream-formats.ts';

export const graphqlPath = '/graphql/system';

const noKeys = {};

/** Makes Yoga parse, validate and execute through `operations`, which caches documents. */
function useOperations(operations: Operations, executor: RequestExecutor): Plugin {
  const execute = ({ document, operationName, variableValues: variables, contextValue }: ExecutionArgs) =>
    // Yoga passes on the context that the handler created.
    executor.execute({ document, operationName, variables }, contextValue as GraphQLContext);
  return {
    onParse: ({ setParseFn }) =>
      setParseFn((source) => operations.parse(typeof source === 'string' ? source : source.body)),
    onValidate: ({ params, setResult }) => setResult(operations.validate(params.documentAST)),
    onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
    onSubscribe({ args: { document, operationName, variableValues }, setResultAndStopExecution, setSubscribeFn }) {
      const errors = operations.variableErrors(document, operationName, variableValues);
      if (errors) setResultAndStopExecution({ errors });
      // Yoga passes on the context that the handler created.
      setSubscribeFn((args) => subscribe(operations, { ...args, contextValue: args.contextValue as GraphQLContext }));
    },
  };
}

/** Formats errors of the request or document, which occur before execution, like all others. */
function usePresentedErrors(presentError: ErrorPresenter): Plugin<object, GraphQLContext> {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      const { viewer } = serverContext;
      if (!('errors' in result) || !result.errors) return;
      const errors = result.errors.map((error) =>
        errorForViewer(viewer, presentError(error, keyedRequestOf(serverContext).id)),
      );
      // Yoga's own stringify walks the whole result to rebuild its errors; these are final already.
      const stringify = () => JSON.stringify('data' in result ? { data: result.data, errors } : { errors });
      setResult({ ...result, errors, stringify });
    },
  };
}

export interface GraphQLHttpOptions extends Services {
  readonly persisted: PersistedQueries;
  /** The open result streams; destroying a response ends its stream. */
  readonly streams: Set<ServerResponse>;
}

/** Serves GraphQL over HTTP (POST, GET, event streams, multipart streams) and GraphiQL at `/graphql/system`. */
export function serveHttp(app: FastifyInstance, options: GraphQLHttpOptions): void {
  const executor = createRequestExecutor(options, (context) => keyedRequestOf(context).id);
  const yoga: YogaServerInstance<GraphQLContext, object> = createYoga<GraphQLContext>({
    schema: options.operations.schema,
    graphqlEndpoint: graphqlPath,
    plugins: [
      useKnownParameters(),
      useKeyExtension(),
      usePersistedQueries(options.persisted),
      useOperations(options.operations, executor),
      usePresentedErrors(options.presentError),
      useResponseStreams(),
    ],
    // `operations` caches parsed and validated documents already.
    parserAndValidationCache: false,
    maskedErrors: { maskError: (error) => options.presentError(error) },
    batching: false,
    multipart: false,
    landingPage: false,
    logging: false,
    cors: false,
    // Fastify has already refused bodies that are too large.
    maxRequestBodySize: false,
    // GraphiQL is served by graphiql-routes.
    graphiql: false,
  });
  const plainRequests = createPlainRequests({
    path: graphqlPath,
    operations: options.operations,
    persisted: options.persisted,
    executor,
  });
  // Yoga takes the body that Fastify has parsed, which is twice as fast as streaming it.
  app.removeAllContentTypeParsers();
  const json = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(['application/json', 'application/graphql+json'], { parseAs: 'string' }, readable(json));
  app.addContentTypeParser(
    '*',
    { parseAs: 'string' },
    readable((_request, body, done) => done(null, body)),
  );
  registerGraphiQL(app, graphqlPath);
  const { streams, connections, tokens } = options;
  /** Counts the stream as a connection of its viewer and cuts it when its token is revoked. */
  const trackStream = async (request: FastifyRequest, reply: FastifyReply, answer: Response) => {
    const { raw } = reply;
    const cut = () => raw.destroy();
    const releases: (() => void)[] = [];
    try {
      releases.push(connections.open(request.viewer));
    } catch (error) {
      await answer.body?.cancel();
      throw error;
    }
    const token = requestToken(request, options.config);
    if (token !== undefined) releases.push(tokens.watch(token, request.viewer, cut));
    streams.add(raw);
    raw.once('close', () => {
      streams.delete(raw);
      for (const release of releases) release();
    });
  };
  app.route({
    method: ['GET', 'POST'],
    url: graphqlPath,
    exposeHeadRoute: false,
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      assertServed(request);
      if (wantsPage(request)) return sendPage(request, reply);
      assertAcceptable(request.headers.accept);
      const lastEventId = request.headers['last-event-id'];
      const { viewer, span, charge } = request;
      const authClient = () => authClientOf(request, reply, options.config);
      const base = options.createContext(viewer, { span, authClient, charge });
      const context = typeof lastEventId === 'string' && lastEventId !== '' ? { ...base, lastEventId } : base;
      const header = request.headers[keyHeader];
      setKeyedRequest(context, {
        id: request.id,
        keys: header === undefined ? noKeys : { header },
        onReplayed: () => void reply.header(replayedHeader, 'true'),
      });
      const plain = await plainRequests.answer(request, context);
      if (plain) {
        request.isWrite = executor.wrote(context);
        return reply.header('content-type', plain.contentType).send(plain.text);
      }
      const answer = await yoga.handleNodeRequestAndResponse(request, reply, context);
      request.isWrite = executor.wrote(context);
      plainRequests.learn(request, context, answer.headers.get('content-type'));
      if (isStream(answer.headers.get('content-type'))) await trackStream(request, reply, answer);
      return send(reply, answer);
    },
  });
  app.route({
    method: ['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: graphqlPath,
    handler({ method }) {
      throw methodNotAllowed(method, ['GET', 'POST']);
    },
  });
}

/** Sends a complete JSON response as text. Fastify would pipe it through two streams, which only event streams need. */
async function send(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  if (!response.headers.get('content-type')?.includes('json')) return reply.send(response);
  reply.code(response.status);
  response.headers.forEach((value, name) => {
    if (name !== 'content-length') reply.header(name, value);
  });
  return reply.send(await response.text());
}
