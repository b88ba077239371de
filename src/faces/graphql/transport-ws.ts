import { type ExecutionResult, GraphQLError } from 'graphql';
import {
  CloseCode,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  type Message,
  MessageType,
  parseMessage,
  type SubscribeMessage,
  type SubscribePayload,
  stringifyMessage,
} from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { ErrorPresenter } from '../../operations/errors.ts';
import type { ResultStream } from '../../operations/subscribe.ts';
import { dismiss } from '../shared/heartbeat.ts';
import { type Peer, pauseWhenBusy, resumeWhenIdle, type SendLimits, send } from '../shared/send.ts';

/*
 * The server's side of graphql-transport-ws, with the messages of `graphql-ws`. Its own server keeps three kilobytes
 * for each subscription that waits, and writes an event anew for everybody who is told it.
 */

/** What the protocol leaves open. */
export interface TransportOptions<Caller> extends SendLimits<Session<Caller>> {
  readonly presentError: ErrorPresenter;
  /** Takes `connection_init`; false: it has been answered, by closing. */
  readonly greet: (session: Session<Caller>, payload: Readonly<Record<string, unknown>>) => Promise<boolean>;
  /** Starts an operation: the stream of a subscription, one result, or what is wrong with it. */
  readonly start: (
    session: Session<Caller>,
    payload: SubscribePayload,
    operation: Operation,
  ) => Promise<ResultStream | ExecutionResult | readonly GraphQLError[]>;
  /** Something failed that is no fault of the peer's. */
  readonly onFault: (session: Session<Caller>, error: unknown) => void;
}

/** One operation; it is over when the session does not have it any more. */
export interface Operation {
  stream?: ResultStream;
  /** Of the message that asked for it, and of a document that the message only named. */
  characters: number;
}

/** One socket. */
export interface Session<Caller> extends Peer {
  caller: Caller;
  isAcknowledged: boolean;
  /** This node goes: the socket is closed as soon as no query or mutation is under way. */
  isLeaving: boolean;
  /** Operations that are open, those that are being started included. */
  readonly operations: Map<string, Operation>;
  /** Until `connection_init` comes. */
  patience: NodeJS.Timeout | undefined;
  /** What has to be called when the socket is gone. */
  releases: readonly (() => void)[];
}

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
    await run(options, session, id, operation, payload);
  } finally {
    if (session.isLeaving) leave(session);
  }
}

/** The error to give when the operations that are open on a socket are longer than they may be together. */
export function excessOf({ operations }: Pick<Session<unknown>, 'operations'>, most: number): GraphQLError | undefined {
  const all = [...operations.values()].reduce((sum, { characters }) => sum + characters, 0);
  if (all <= most) return undefined;
  return new GraphQLError(`The operations that are open on this socket have more than ${most} characters together.`);
}

async function run<Caller>(
  options: TransportOptions<Caller>,
  session: Session<Caller>,
  id: string,
  operation: Operation,
  payload: SubscribePayload,
): Promise<void> {
  const { operations } = session;
  const started = await options.start(session, payload, operation);
  if (operations.get(id) !== operation) {
    if (Symbol.asyncIterator in started) await (started as ResultStream).return?.();
    return;
  }
  if (Array.isArray(started)) {
    operations.delete(id);
    return refuse(options, session, id, started);
  }
  if (Symbol.asyncIterator in started) {
    // The stream is all that is kept: what asked for it can go.
    operation.stream = started as ResultStream;
    pump({ options, session, id, stream: operation.stream });
    return;
  }
  operations.delete(id);
  await send(options, session, next(options, id, started as ExecutionResult));
  void send(options, session, stringifyMessage({ type: MessageType.Complete, id }));
}

/** The reason of a close holds 123 bytes in all. */
function short(id: string): string {
  return Buffer.from(id).subarray(0, 80).toString();
}

/** One subscription that is told. */
interface Pump<Caller> {
  readonly options: TransportOptions<Caller>;
  readonly session: Session<Caller>;
  readonly id: string;
  readonly stream: ResultStream;
}

/** Sends what comes at the pace of the peer. No async function: while it waits it would keep its frame. */
function pump<Caller>(one: Pump<Caller>): void {
  one.stream.next().then(
    (event) => {
      try {
        forward(one, event);
      } catch (error) {
        fail(one, error);
      }
    },
    (error: unknown) => fail(one, error),
  );
}

function forward<Caller>(one: Pump<Caller>, event: IteratorResult<ExecutionResult, unknown>): void {
  const { options, session, id } = one;
  if (!isOpen(one)) return;
  if (event.done) {
    session.operations.delete(id);
    void send(options, session, stringifyMessage({ type: MessageType.Complete, id }));
    return;
  }
  const sent = send(options, session, next(options, id, event.value));
  if (sent) sent.then(() => pump(one)).catch((error: unknown) => options.onFault(session, error));
  else pump(one);
}

function fail<Caller>(one: Pump<Caller>, error: unknown): void {
  const { options, session, id } = one;
  if (!isOpen(one)) return;
  session.operations.delete(id);
  const original = error instanceof Error ? error : new Error(String(error));
  refuse(options, session, id, [new GraphQLError(original.message, { originalError: original })]);
}

function isOpen<Caller>({ session, id, stream }: Pump<Caller>): boolean {
  return session.operations.get(id)?.stream === stream;
}

function refuse<Caller>(
  options: TransportOptions<Caller>,
  session: Session<Caller>,
  id: string,
  errors: readonly GraphQLError[],
): void {
  const payload = errors.map((error) => options.presentError(error).toJSON());
  void send(options, session, stringifyMessage({ type: MessageType.Error, id, payload }));
}

/** Results as text: one that several are told is written once. */
const texts = new WeakMap<ExecutionResult, string>();

function next<Caller>({ presentError }: TransportOptions<Caller>, id: string, result: ExecutionResult): string {
  let text = texts.get(result);
  if (text === undefined) {
    const { data = null, errors } = result;
    text = JSON.stringify(errors ? { data, errors: errors.map((error) => presentError(error).toJSON()) } : result);
    texts.set(result, text);
  }
  return `{"id":${JSON.stringify(id)},"type":"next","payload":${text}}`;
}
