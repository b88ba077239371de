import type { IncomingMessage } from 'node:http';
import { type ExecutionResult, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import { CloseCode, handleProtocols, type SubscribePayload } from 'graphql-ws';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Connections } from '../../auth/connections.ts';
import type { Authenticate } from '../../auth/token-guard.ts';
import type { TokenWatch } from '../../auth/token-watch.ts';
import { anonymous, type Viewer } from '../../auth/viewer.ts';
import { ServiceError, serviceUnavailable } from '../../errors.ts';
import type { ErrorPresenter } from '../../operations/errors.ts';
import type { Operations } from '../../operations/operations.ts';
import { type ResultStream, subscribe } from '../../operations/subscribe.ts';
import type { GraphQLContext } from '../../schema/context.ts';
import { closeWhenStalled, keepAlive } from '../shared/heartbeat.ts';
import { boundMessages, type Newcomers } from '../shared/newcomers.ts';
import { createSocketServer } from '../shared/socket-server.ts';
import type { Unsent } from '../shared/unsent.ts';
import type { SocketRoute } from '../shared/upgrade.ts';
import { initToken } from './init-token.ts';
import type { PersistedQueries } from './persisted-queries.ts';
import { excessOf, leave, type Operation, type Session, speak, type TransportOptions } from './transport-ws.ts';

export interface GraphQLSocketOptions {
  readonly operations: Operations;
  readonly persisted: PersistedQueries;
  readonly presentError: ErrorPresenter;
  readonly createContext: (viewer: Viewer) => GraphQLContext;
  readonly authenticate: Authenticate;
  /** Where a handshake request came from. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Calls back when the token stops standing for the viewer; the answer ends that. */
  readonly watchToken: TokenWatch['watch'];
  /** The token of the handshake request, from its header or its address. */
  readonly tokenOf: (request: IncomingMessage, url: URL) => string | undefined;
  readonly connections: Connections;
  readonly newcomers: Newcomers;
  /** Operations that may be open on one socket at a time. */
  readonly operationsMax: number;
  readonly unsent: Unsent;
  readonly log: Pick<Logger, 'error'>;
  /** Largest message taken from a client, in bytes. */
  readonly maxPayloadBytes: number;
  /** How often a peer must show that it is there, in milliseconds. */
  readonly heartbeatMs: number;
}

/** Who speaks on this socket, and by what token; set by the handshake or by `connection_init`. */
interface Caller {
  readonly viewer: Viewer;
  readonly token?: string;
  /** Where the handshake came from; until the greeting. */
  readonly address?: string;
}

/**
 * Queries, mutations and subscriptions over `graphql-transport-ws`.
 * A token comes with the handshake (`Authorization`, `?access_token=`) or in the payload of `connection_init`
 * (`initToken`); without a good one the socket is closed with 4403.
 */
export function graphqlSocket(options: GraphQLSocketOptions): SocketRoute {
  const { log, heartbeatMs } = options;
  const transport: TransportOptions<Caller> = {
    presentError: options.presentError,
    maxWaitingBytes: options.maxPayloadBytes,
    unsent: options.unsent,
    ownerOf,
    greet: (session, payload) => greet(options, session, payload),
    start: (session, payload, operation) => startOperation(options, session, payload, operation),
    // Its text stays here.
    onFault({ socket }, error) {
      log.error({ err: error }, 'socket failed');
      socket.close(CloseCode.InternalServerError, 'Internal server error');
    },
  };
  const sessions = new WeakMap<WebSocket, Session<Caller>>();
  return {
    server: createSocketServer({ maxPayload: options.maxPayloadBytes, handleProtocols }),
    dismiss(socket) {
      const session = sessions.get(socket);
      if (session !== undefined) leave(session);
    },
    async admit(request, url) {
      const token = options.tokenOf(request, url);
      const address = options.addressOf(request);
      if (token === undefined) return { viewer: anonymous, address, release: options.newcomers.open(address) };
      return { viewer: await options.authenticate(token, address), token, address };
    },
    // `admit` answered a caller.
    abandoned: (admitted) => (admitted as Arrival).release?.(),
    connected(socket, request, admitted) {
      closeWhenStalled(socket, request.socket);
      keepAlive(socket, heartbeatMs);
      socket.on('error', ignore);
      const { release, ...caller } = admitted as Arrival;
      const session = speak(transport, { socket, connection: request.socket, caller });
      if (session === undefined) return release?.();
      sessions.set(socket, session);
      session.releases = [boundMessages(socket, request.socket), ...(release ? [release] : [])];
    },
  };
}

/** A broken frame or a vanished peer: the socket closes by itself, and there is nothing to mend. */
function ignore(): void {}

/** A caller, counted as a newcomer unless the handshake said who it is. */
interface Arrival extends Caller {
  readonly release?: () => void;
}

async function greet(
  { authenticate, connections, watchToken }: GraphQLSocketOptions,
  session: Session<Caller>,
  payload: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const { socket, caller } = session;
  const given = initToken(payload);
  let { viewer, token } = caller;
  if (given !== undefined) {
    try {
      viewer = await authenticate(given, caller.address ?? '');
      token = given;
    } catch (error) {
      refuse(socket, error);
      return false;
    }
  }
  // Only the hash of the token is kept, by the watch.
  session.caller = { viewer };
  // Gone while it was looked up: nobody would count it off.
  if (socket.readyState !== socket.OPEN) return false;
  if (viewer.kind !== 'user') {
    socket.close(CloseCode.Forbidden, 'Forbidden');
    return false;
  }
  // No newcomer any more.
  for (const release of session.releases) release();
  session.releases = [];
  try {
    session.releases = [connections.open(viewer)];
  } catch {
    socket.close(CloseCode.TooManyInitialisationRequests, 'Too many connections');
    return false;
  }
  if (token !== undefined) session.releases = [...session.releases, watchToken(token, viewer, closer(socket))];
  return true;
}

function closer(socket: WebSocket): () => void {
  return () => socket.close(CloseCode.Forbidden, 'Forbidden');
}

/** Nobody else is sent much: operations are for users. */
function ownerOf({ caller: { viewer } }: Session<Caller>): string {
  return viewer.kind === 'user' ? viewer.id : viewer.kind;
}

async function startOperation(
  { operations, persisted, operationsMax, maxPayloadBytes, unsent, createContext }: GraphQLSocketOptions,
  session: Session<Caller>,
  { query, variables, operationName, extensions }: SubscribePayload,
  opened: Operation,
): Promise<ResultStream | ExecutionResult | readonly GraphQLError[]> {
  const { caller, operations: open } = session;
  // This one is among them already.
  if (open.size > operationsMax) return [tooMany(operationsMax)];
  if (unsent.isFull(ownerOf(session))) return [tooMuch()];
  try {
    const text = persisted.textOf({ query, extensions }) ?? query;
    opened.characters += text.length - query.length;
    const excess = excessOf(session, maxPayloadBytes);
    if (excess) return [excess];
    const document = operations.parse(text);
    const errors = operations.validate(document);
    if (errors.length > 0) return errors;
    const faults = operations.variableErrors(document, operationName, variables);
    if (faults) return faults;
    const operation = getOperationAST(document, operationName);
    if (!operation) return [new GraphQLError('Unable to identify operation')];
    const contextValue = createContext(caller.viewer);
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      return await operations.execute(document, operationName, variables, contextValue);
    }
    return await subscribe(operations, { document, operationName, variableValues: variables, contextValue });
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

function tooMany(operationsMax: number): GraphQLError {
  return new GraphQLError(`More than ${operationsMax} operations are open on this socket.`);
}

function tooMuch(): GraphQLError {
  const originalError = serviceUnavailable('answers', 'too much waits to be taken');
  return new GraphQLError(originalError.message, { originalError });
}

/** Ends the socket of a token that is no good; that it could not be looked up is no reason to refuse it for good. */
function refuse(socket: WebSocket, error: unknown): void {
  if (!(error instanceof ServiceError)) throw error;
  if (error.code === 'REQUESTS_EXCEEDED')
    socket.close(CloseCode.TooManyInitialisationRequests, 'Too many wrong tokens');
  else socket.close(CloseCode.Forbidden, 'Forbidden');
}
