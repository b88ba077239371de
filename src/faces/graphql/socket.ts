import { type ExecutionResult, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import { CloseCode, handleProtocols, type SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { anonymous, ownerOf, type Viewer } from '../../auth/viewer.ts';
import { ServiceError, serviceUnavailable } from '../../errors.ts';
import { type ResultStream, subscribe } from '../../operations/subscribe.ts';
import { closeWhenStalled, heartbeatMs, keepAlive } from '../shared/heartbeat.ts';
import { handshakeToken } from '../shared/identify.ts';
import { boundMessages } from '../shared/newcomers.ts';
import type { Services } from '../shared/services.ts';
import { createSocketServer } from '../shared/socket-server.ts';
import type { SocketRoute } from '../shared/upgrade.ts';
import { initToken } from './init-token.ts';
import type { PersistedQueries } from './persisted-queries.ts';
import { excessOf, type Operation, type Session, type TransportOptions } from './socket-session.ts';
import { leave, speak } from './transport-ws.ts';

/** What its operations need. */
interface OperationServices extends Services {
  readonly persisted: PersistedQueries;
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
export function graphqlSocket(services: OperationServices): SocketRoute {
  const { config, log, presentError, authenticate, addressOf, newcomers, unsent } = services;
  const { payloadBytes } = config.limits;
  const transport: TransportOptions<Caller> = {
    presentError,
    maxWaitingBytes: payloadBytes,
    unsent,
    ownerOf: ({ caller }) => ownerOf(caller.viewer),
    greet: (session, payload) => greet(services, session, payload),
    start: (session, payload, operation) => startOperation(services, session, payload, operation),
    // Its text stays here.
    onFault({ socket }, error) {
      log.error({ err: error }, 'socket failed');
      socket.close(CloseCode.InternalServerError, 'Internal server error');
    },
  };
  const sessions = new WeakMap<WebSocket, Session<Caller>>();
  return {
    server: createSocketServer({ maxPayload: payloadBytes, handleProtocols }),
    dismiss(socket) {
      const session = sessions.get(socket);
      if (session !== undefined) leave(session);
    },
    async admit(request, url) {
      const token = handshakeToken(request, url);
      const address = addressOf(request);
      if (token === undefined) return { viewer: anonymous, address, release: newcomers.open(address) };
      return { viewer: await authenticate(token, address), token, address };
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
  { authenticate, connections, tokens }: Services,
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
  if (token !== undefined) session.releases = [...session.releases, tokens.watch(token, viewer, closer(socket))];
  return true;
}

function closer(socket: WebSocket): () => void {
  return () => socket.close(CloseCode.Forbidden, 'Forbidden');
}

async function startOperation(
  { config, operations, persisted, unsent, createContext }: OperationServices,
  session: Session<Caller>,
  { query, variables, operationName, extensions }: SubscribePayload,
  opened: Operation,
): Promise<ResultStream | ExecutionResult | readonly GraphQLError[]> {
  const { caller, operations: open } = session;
  const operationsMax = config.live.subscriptionsPerConnection;
  // This one is among them already.
  if (open.size > operationsMax) return [tooMany(operationsMax)];
  if (unsent.isFull(ownerOf(caller.viewer))) return [tooMuch()];
  try {
    const text = persisted.textOf({ query, extensions }) ?? query;
    opened.characters += text.length - query.length;
    const excess = excessOf(session, config.limits.payloadBytes);
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
