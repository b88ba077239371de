import {
  CloseCode,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  type Message,
  MessageType,
  parseMessage,
  type SubscribeMessage,
  stringifyMessage,
} from 'graphql-ws';
import type { WebSocket } from 'ws';
import { dismiss } from '../shared/heartbeat.ts';
import { pauseWhenBusy, resumeWhenIdle, send } from '../shared/send.ts';
import { refuse, runOperation } from './socket-results.ts';
import { excessOf, type Operation, type Session, type TransportOptions } from './socket-session.ts';

/*
 * The server side of graphql-transport-ws, using the message types of `graphql-ws`. The server of that package is not
 * used: it keeps three kilobytes for each idle subscription and serializes an event once per subscriber.
 */

/** How long a client may take to send `connection_init`, in milliseconds. */
const initTimeoutMs = 3_000;

/** Starts the protocol on a socket. Returns undefined if the socket has another subprotocol and was closed. */
export function acceptSocket<Caller>(
  options: TransportOptions<Caller>,
  { socket, connection, caller }: Pick<Session<Caller>, 'socket' | 'connection' | 'caller'>,
): Session<Caller> | undefined {
  if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
    socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
    return undefined;
  }
  const session: Session<Caller> = {
    socket,
    connection,
    caller,
    isAcknowledged: false,
    isLeaving: false,
    operations: new Map(),
    initTimer: startInitTimer(socket),
    releases: [],
    characters: 0,
  };
  const onFault = (error: unknown) => options.onFault(session, error);
  socket.on('message', (data) => {
    // A reply could not be sent; the client repeats the operation on its next connection.
    if (socket.readyState !== socket.OPEN) return;
    const text = String(data);
    session.characters += text.length;
    handleMessage(options, session, text)
      .catch(onFault)
      .finally(() => {
        session.characters -= text.length;
        resumeWhenIdle(options, session);
      });
    pauseWhenBusy(options, session);
  });
  socket.on('close', () => void end(session).catch(onFault));
  return session;
}

/**
 * Closes the socket because this node stops, once running queries and mutations are answered: clients repeat unanswered
 * operations when their socket closes.
 */
export function leave<Caller>(session: Session<Caller>): void {
  session.isLeaving = true;
  const isBusy = [...session.operations.values()].some(({ stream }) => stream === undefined);
  if (!isBusy) dismiss(session.socket);
}

/** A function of its own, because a closure in acceptSocket would keep that scope alive as long as the socket. */
function startInitTimer(socket: WebSocket): NodeJS.Timeout {
  return setTimeout(
    () => socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
    initTimeoutMs,
  );
}

async function end<Caller>({ operations, initTimer, releases }: Session<Caller>): Promise<void> {
  clearTimeout(initTimer);
  for (const release of releases) release();
  const streams = [...operations.values()].map(({ stream }) => stream);
  operations.clear();
  await Promise.all(streams.map((stream) => stream?.return?.()));
}

async function handleMessage<Caller>(
  options: TransportOptions<Caller>,
  session: Session<Caller>,
  text: string,
): Promise<void> {
  const { socket, operations } = session;
  const message = parse(text);
  switch (message?.type) {
    case MessageType.ConnectionInit:
      return handleConnectionInit(options, session, message.payload ?? {});
    case MessageType.Ping: {
      const { payload } = message;
      void send(options, session, stringifyMessage({ type: MessageType.Pong, ...(payload && { payload }) }));
      return;
    }
    case MessageType.Pong:
      return;
    case MessageType.Subscribe:
      return openOperation(options, session, message, text.length);
    case MessageType.Complete: {
      const operation = operations.get(message.id);
      operations.delete(message.id);
      await operation?.stream?.return?.();
      return;
    }
    default:
      socket.close(CloseCode.BadRequest, 'Invalid message received');
  }
}

function parse(text: string): Message | undefined {
  try {
    return parseMessage(text);
  } catch {
    return undefined;
  }
}

async function handleConnectionInit<Caller>(
  options: TransportOptions<Caller>,
  session: Session<Caller>,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { socket, initTimer } = session;
  if (initTimer === undefined) {
    return socket.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
  }
  clearTimeout(initTimer);
  session.initTimer = undefined;
  if (!(await options.handleConnectionInit(session, payload))) return;
  session.isAcknowledged = true;
  void send(options, session, stringifyMessage({ type: MessageType.ConnectionAck }));
}

async function openOperation<Caller>(
  options: TransportOptions<Caller>,
  session: Session<Caller>,
  { id, payload }: SubscribeMessage,
  characters: number,
): Promise<void> {
  const { socket, isAcknowledged, operations } = session;
  if (!isAcknowledged) return socket.close(CloseCode.Unauthorized, 'Unauthorized');
  if (operations.has(id)) {
    return socket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${short(id)} already exists`);
  }
  const operation: Operation = { characters };
  operations.set(id, operation);
  const excess = excessOf(session, options.maxWaitingBytes);
  if (excess) {
    operations.delete(id);
    return refuse(options, session, id, [excess]);
  }
  try {
    await runOperation(options, session, id, operation, payload);
  } finally {
    if (session.isLeaving) leave(session);
  }
}

/** Shortens an id for a close reason, which is limited to 123 bytes. */
function short(id: string): string {
  return Buffer.from(id).subarray(0, 80).toString();
}
