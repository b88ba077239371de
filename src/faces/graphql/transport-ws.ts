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
 * The server's side of graphql-transport-ws, with the messages of `graphql-ws`. Its own server keeps three kilobytes
 * for each subscription that waits, and writes an event anew for everybody who is told it.
 */

/** How long a client may take to say `connection_init`, in milliseconds. */
const patienceMs = 3_000;

/** Joins one socket to the protocol; undefined when it speaks another, and is closed. */
export function speak<Caller>(
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
    patience: impatience(socket),
    releases: [],
    characters: 0,
  };
  const onFault = (error: unknown) => options.onFault(session, error);
  socket.on('message', (data) => {
    // Nobody would hear what comes of it, so the peer will ask again.
    if (socket.readyState !== socket.OPEN) return;
    const text = String(data);
    session.characters += text.length;
    take(options, session, text)
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
 * Tells the peer that this node goes, and to come back elsewhere, once the queries and mutations under way are answered:
 * a client whose socket closes asks them again.
 */
export function leave<Caller>(session: Session<Caller>): void {
  session.isLeaving = true;
  const isBusy = [...session.operations.values()].some(({ stream }) => stream === undefined);
  if (!isBusy) dismiss(session.socket);
}

/** Not made in place: what is made there is kept together for as long as the socket lives. */
function impatience(socket: WebSocket): NodeJS.Timeout {
  return setTimeout(
    () => socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
    patienceMs,
  );
}

async function end<Caller>({ operations, patience, releases }: Session<Caller>): Promise<void> {
  clearTimeout(patience);
  for (const release of releases) release();
  const streams = [...operations.values()].map(({ stream }) => stream);
  operations.clear();
  await Promise.all(streams.map((stream) => stream?.return?.()));
}

async function take<Caller>(options: TransportOptions<Caller>, session: Session<Caller>, text: string): Promise<void> {
  const { socket, operations } = session;
  const message = parse(text);
  switch (message?.type) {
    case MessageType.ConnectionInit:
      return greet(options, session, message.payload ?? {});
    case MessageType.Ping: {
      const { payload } = message;
      void send(options, session, stringifyMessage({ type: MessageType.Pong, ...(payload && { payload }) }));
      return;
    }
    case MessageType.Pong:
      return;
    case MessageType.Subscribe:
      return open(options, session, message, text.length);
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

async function greet<Caller>(
  options: TransportOptions<Caller>,
  session: Session<Caller>,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { socket, patience } = session;
  if (patience === undefined) {
    return socket.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
  }
  clearTimeout(patience);
  session.patience = undefined;
  if (!(await options.greet(session, payload))) return;
  session.isAcknowledged = true;
  void send(options, session, stringifyMessage({ type: MessageType.ConnectionAck }));
}

async function open<Caller>(
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

/** The reason of a close holds 123 bytes in all. */
function short(id: string): string {
  return Buffer.from(id).subarray(0, 80).toString();
}
