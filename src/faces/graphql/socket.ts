import { type ExecutionResult, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import { CloseCode, handleProtocols, type SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { anonymous, ownerOf, type Viewer } from '../../auth/viewer.ts';
import { ServiceError, serviceUnavailable } from '../../errors.ts';
import { executeOnce } from '../../operations/execute-once.ts';
import { type ResultStream, subscribe } from '../../operations/subscribe.ts';
import { closeWhenStalled, heartbeatMs, keepAlive } from '../shared/heartbeat.ts';
import { handshakeToken } from '../shared/identify.ts';
import { idOfUpgrade } from '../shared/request-id.ts';
import type { Services } from '../shared/services.ts';
import { createSocketServer } from '../shared/socket-server.ts';
import { limitMessageSize } from '../shared/unauthenticated-sockets.ts';
import type { SocketRoute } from '../shared/upgrade.ts';
import { keyExtensionOf } from './idempotent-requests.ts';
import { initToken } from './init-token.ts';
import type { PersistedQueries } from './persisted-queries.ts';
import { excessOf, type Operation, type Session, type TransportOptions } from './socket-session.ts';
import { acceptSocket, leave } from './transport-ws.ts';

/** The services that operations need. */
interface OperationServices extends Services {
  readonly persisted: PersistedQueries;
}

/** The viewer of a socket and its token; set by the handshake or by `connection_init`. */
interface Caller {
  readonly viewer: Viewer;
  /** The id of the handshake. */
  readonly requestId: string;
  readonly token?: string;
  /** The client's address; undefined after `connection_init`. */
  readonly address?: string;
}

/**
 * Queries, mutations and subscriptions over `graphql-transport-ws`.
 * A token comes with the handshake (`Authorization`, `?access_token=`) or in the payload of `connection_init`
 * (`initToken`). A wrong token refuses the handshake with 401, or closes the socket with 4403.
 */
export function graphqlSocket(services: OperationServices): SocketRoute {
  const { config, log, presentError, authenticate, addressOf, unauthenticatedSockets, unsent } = services;
  const { payloadBytes } = config.limits;
  const transport: TransportOptions<Caller> = {
    presentError: (error, { caller }) => presentError(error, caller.requestId),
    maxWaitingBytes: payloadBytes,
    unsent,
    ownerOf: ({ caller }) => ownerOf(caller.viewer),
    handleConnectionInit: (session, payload) => authenticateConnection(services, session, payload),
    start: (session, payload, operation) => startOperation(services, session, payload, operation),
    // The error's text is logged and not sent.
    onFault({ socket, caller }, error) {
      log.error({ err: error, requestId: caller.requestId }, 'socket failed');
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
      const token = handshakeToken(request, url, config);
      const address = addressOf(request);
      const requestId = idOfUpgrade(request);
      if (token === undefined) {
        return { viewer: anonymous, address, requestId, release: unauthenticatedSockets.open(address) };
      }
      return { viewer: await authenticate(token, address), token, address, requestId };
    },
    // The value is what `admit` returned.
    abandoned: (admitted) => (admitted as Admission).release?.(),
    connected(socket, request, admitted) {
      closeWhenStalled(socket, request.socket);
      keepAlive(socket, heartbeatMs);
      socket.on('error', ignore);
      const { release, ...caller } = admitted as Admission;
      const session = acceptSocket(transport, { socket, connection: request.socket, caller });
      if (session === undefined) return release?.();
      sessions.set(socket, session);
      session.releases = [limitMessageSize(socket, request.socket), ...(release ? [release] : [])];
    },
  };
}

/** After a protocol error or a lost connection `ws` closes the socket itself; there is nothing else to do. */
function ignore(): void {}

/**
 * What `admit` returns; `release` is set if the socket counts as unauthenticated, because the handshake had no token.
 */
interface Admission extends Caller {
  readonly release?: () => void;
}

async function authenticateConnection(
  { authenticate, connections, tokens }: Services,
  session: Session<Caller>,
  payload: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const { socket, caller } = session;
  const initialToken = initToken(payload);
  let { viewer, token } = caller;
  if (initialToken !== undefined) {
    try {
      viewer = await authenticate(initialToken, caller.address ?? '');
      token = initialToken;
    } catch (error) {
      refuse(socket, error);
      return false;
    }
  }
  // The token itself is dropped; `tokens.watch` below keeps only its hash.
  session.caller = { viewer, requestId: caller.requestId };
  // If the socket closed meanwhile, its releases have run already and would not run again.
  if (socket.readyState !== socket.OPEN) return false;
  if (viewer.kind !== 'user') {
    socket.close(CloseCode.Forbidden, 'Forbidden');
    return false;
  }
  // The socket no longer counts as unauthenticated.
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
  { config, operations, idempotency, persisted, unsent, createContext, callerLimits }: OperationServices,
  session: Session<Caller>,
  { query, variables, operationName, extensions }: SubscribePayload,
  opened: Operation,
): Promise<ResultStream | ExecutionResult | readonly GraphQLError[]> {
  const { caller, operations: open } = session;
  const operationsMax = config.live.subscriptionsPerConnection;
  // The new operation is already included.
  if (open.size > operationsMax) return [tooMany(operationsMax)];
  if (unsent.isFull(ownerOf(caller.viewer))) return [overloaded()];
  const allowance = callerLimits?.allowanceOf(caller.viewer, () => caller.address ?? '');
  const refusal = allowance && (await allowance.arrive(1));
  if (refusal) return [new GraphQLError(refusal.message, { originalError: refusal })];
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
    const contextValue = createContext(caller.viewer, { charge: allowance?.charge });
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      const keys = { extension: keyExtensionOf(extensions) };
      const { isReplayed, ...result } = await executeOnce(
        { operations, idempotency },
        { document, operationName, variables, context: contextValue, keys },
      );
      return isReplayed ? { ...result, extensions: { idempotencyReplayed: true } } : result;
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

function overloaded(): GraphQLError {
  const originalError = serviceUnavailable('answers', 'too many bytes are waiting to be sent');
  return new GraphQLError(originalError.message, { originalError });
}

/** Closes the socket for an invalid token. Other errors, such as an outage, are rethrown: the token may be valid. */
function refuse(socket: WebSocket, error: unknown): void {
  if (!(error instanceof ServiceError)) throw error;
  if (error.code === 'REQUESTS_EXCEEDED')
    socket.close(CloseCode.TooManyInitialisationRequests, 'Too many wrong tokens');
  else socket.close(CloseCode.Forbidden, 'Forbidden');
}
