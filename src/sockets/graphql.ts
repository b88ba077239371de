import type { IncomingMessage } from 'node:http';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Server } from 'graphql-ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Connections } from '../auth/connections.ts';
import type { TokenWatch } from '../auth/token-watch.ts';
import { anonymous, type Viewer } from '../auth/viewer.ts';
import { ServiceError } from '../errors.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import type { ErrorPresenter } from '../graphql/errors.ts';
import type { Operations } from '../graphql/operations.ts';
import { subscribe } from '../graphql/subscribe.ts';
import { endWhenStalled, keepAlive } from './heartbeat.ts';
import type { SocketRoute } from './upgrade.ts';

export interface GraphQLSocketOptions {
  readonly operations: Operations;
  readonly presentError: ErrorPresenter;
  readonly createContext: (viewer: Viewer) => GraphQLContext;
  /** The viewer of a token. @throws ServiceError `INVALID_CREDENTIALS` when it is no good. */
  readonly authenticate: (token: string) => Promise<Viewer>;
  /** Calls back when the token stops standing for the viewer; the answer ends that. */
  readonly watchToken: TokenWatch['watch'];
  /** The token of the handshake request, from its header or its address. */
  readonly tokenOf: (request: IncomingMessage, url: URL) => string | undefined;
  readonly connections: Connections;
  /** Operations that may be open on one socket at a time. */
  readonly operationsMax: number;
  readonly log: Pick<Logger, 'error'>;
  /** Largest message taken from a client, in bytes. */
  readonly maxPayloadBytes: number;
  /** How often a peer must show that it is there, in milliseconds. */
  readonly heartbeatMs: number;
  /** How long a peer may take nothing of what waits for it, in milliseconds. */
  readonly stalledMs: number;
}

/** Who speaks on this socket, and by what token; set by the handshake or by `connection_init`. */
interface Caller {
  readonly viewer: Viewer;
  readonly token?: string;
}

interface Extra extends Record<PropertyKey, unknown> {
  caller: Caller;
  readonly close: (code: number, reason: string) => void;
  /** What has to be called when the socket is gone. */
  readonly releases: (() => void)[];
}

/**
 * Queries, mutations and subscriptions over `graphql-transport-ws`.
 * A token comes with the handshake (`Authorization`, `?access_token=`) or in the payload of `connection_init`
 * (`access_token`, or `authorization: "Bearer …"`); without a good one the socket is closed with 4403.
 */
export function graphqlSocket(options: GraphQLSocketOptions): SocketRoute {
  const server = protocolServer(options);
  return {
    server: new WebSocketServer({ noServer: true, maxPayload: options.maxPayloadBytes, handleProtocols }),
    async admit(request, url) {
      const token = options.tokenOf(request, url);
      return token === undefined ? { viewer: anonymous } : { viewer: await options.authenticate(token), token };
    },
    connected(socket, request, admitted) {
      endWhenStalled(socket, request.socket, options.stalledMs);
      const close = (code: number, reason: string) => socket.close(code, reason);
      // `admit` answered a caller.
      speak(server, socket, { caller: admitted as Caller, close, releases: [] }, options);
    },
  };
}

function protocolServer({
  operations,
  presentError,
  authenticate,
  watchToken,
  connections,
  operationsMax,
  createContext,
}: GraphQLSocketOptions): Server<Extra> {
  return makeServer<Record<string, unknown> | undefined, Extra>({
    async onConnect({ extra, connectionParams }) {
      const given = tokenOfPayload(connectionParams);
      if (given !== undefined) extra.caller = { viewer: await authenticate(given).catch(refused), token: given };
      const { viewer, token } = extra.caller;
      if (viewer.kind !== 'user') return false;
      try {
        extra.releases.push(connections.open(viewer));
      } catch {
        extra.close(CloseCode.TooManyInitialisationRequests, 'Too many connections');
        return undefined;
      }
      const onGone = () => extra.close(CloseCode.Forbidden, 'Forbidden');
      if (token !== undefined) extra.releases.push(watchToken(token, viewer, onGone));
      return true;
    },
    onSubscribe(
      { extra, subscriptions },
      _id,
      { query, variables, operationName },
    ): readonly GraphQLError[] | ExecutionArgs {
      try {
        // This one is among them already.
        if (Object.keys(subscriptions).length > operationsMax) return [tooMany(operationsMax)];
        const document = operations.parse(query);
        const errors = operations.validate(document);
        if (errors.length > 0) return errors;
        const faults = operations.faultsOf(document, operationName, variables);
        if (faults) return faults;
        const contextValue = createContext(extra.caller.viewer);
        return { schema: operations.schema, document, operationName, variableValues: variables, contextValue };
      } catch (error) {
        if (error instanceof GraphQLError) return [error];
        throw error;
      }
    },
    // `onSubscribe` put the context there.
    subscribe: (args) => subscribe(operations, { ...args, contextValue: args.contextValue as GraphQLContext }),
    execute: ({ document, operationName, variableValues, contextValue }) =>
      operations.execute(document, operationName, variableValues, contextValue),
    onNext(_context, _id, _payload, _args, { data = null, errors }) {
      return errors && { data, errors: errors.map((error) => presentError(error).toJSON()) };
    },
    onError: (_context, _id, _payload, errors) => errors.map((error) => presentError(error).toJSON()),
  });
}

function tooMany(operationsMax: number): GraphQLError {
  return new GraphQLError(`More than ${operationsMax} operations are open on this socket.`);
}

/** Joins one socket to the protocol. Faults of ours are logged and close it; their text stays here. */
function speak(
  server: Server<Extra>,
  socket: WebSocket,
  extra: Extra,
  { log, heartbeatMs, maxPayloadBytes }: Pick<GraphQLSocketOptions, 'log' | 'heartbeatMs' | 'maxPayloadBytes'>,
): void {
  const fail = (error: unknown) => {
    log.error({ err: error }, 'socket failed');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  };
  keepAlive(socket, heartbeatMs);
  // A broken frame or a vanished peer: the socket closes by itself, and there is nothing to mend.
  socket.on('error', () => undefined);

  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (text) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          return socket.send(text, (error) => {
            if (socket.isPaused && socket.bufferedAmount <= maxPayloadBytes) socket.resume();
            return error ? reject(error) : resolve();
          });
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) =>
        void socket.on('message', (message) => {
          handle(String(message)).catch(fail);
          // Who asks without reading the answers is not listened to until they have gone out.
          if (socket.bufferedAmount > maxPayloadBytes) socket.pause();
        }),
    },
    extra,
  );
  socket.on('close', (code, reason) => {
    for (const release of extra.releases) release();
    closed(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'socket failed to close'));
  });
}

/** A token that is no good is nobody's; that it could not be looked up is no reason to refuse it for good. */
function refused(error: unknown): Viewer {
  if (error instanceof ServiceError) return anonymous;
  throw error;
}

/** The token in the payload of `connection_init`, in any of the spellings clients use. */
function tokenOfPayload(payload: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (!payload) return undefined;
  const token = payload['access_token'];
  if (token !== undefined) return String(token);
  const header = payload['authorization'] ?? payload['Authorization'];
  return typeof header === 'string' ? header.replace(/^bearer\s+/i, '') : undefined;
}
