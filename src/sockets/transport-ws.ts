import { type ExecutionResult, GraphQLError } from 'graphql';
import { CloseCode, type Message, MessageType, parseMessage, type SubscribePayload, stringifyMessage } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { ErrorPresenter } from '../graphql/errors.ts';
import type { ResultStream } from '../graphql/subscribe.ts';

/*
 * The server's side of graphql-transport-ws, with the messages of `graphql-ws`. Its own server keeps three kilobytes
 * for each subscription that waits, and writes an event anew for everybody who is told it.
 */

/** What the protocol leaves open. */
export interface TransportOptions<Caller> {
  readonly presentError: ErrorPresenter;
  /** Who says `connection_init`; undefined: it has been answered, by closing. */
  readonly greet: (session: Session<Caller>, payload: Readonly<Record<string, unknown>>) => Promise<Caller | undefined>;
  /** Starts an operation: the stream of a subscription, one result, or what is wrong with it. */
  readonly start: (
    session: Session<Caller>,
    caller: Caller,
    payload: SubscribePayload,
  ) => Promise<ResultStream | ExecutionResult | readonly GraphQLError[]>;
  readonly onFault: (session: Session<Caller>, error: unknown) => void;
  /** Most bytes that may wait before no more is listened to. */
  readonly maxWaitingBytes: number;
}

/** One operation; it is over when the session does not have it any more. */
interface Operation {
  stream?: ResultStream;
}

/** One socket. */
export interface Session<Caller> {
  readonly socket: WebSocket;
  /** Operations that are open, those that are being started included. */
  readonly operations: Map<string, Operation>;
  /** Set when it has been acknowledged. */
  caller: Caller | undefined;
  /** Until `connection_init` comes. */
  patience: NodeJS.Timeout | undefined;
}

/** How long a client may take to say `connection_init`, in milliseconds. */
const patienceMs = 3_000;

/** Joins one socket to the protocol; undefined when it does not speak it. */
export function speak<Caller>(options: TransportOptions<Caller>, socket: WebSocket): Session<Caller> | undefined {
  if (socket.protocol !== 'graphql-transport-ws') {
    socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
    return undefined;
  }
  const patience = setTimeout(
    () => socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
    patienceMs,
  );
  const session: Session<Caller> = { socket, operations: new Map(), caller: undefined, patience };
  socket.on('message', (data) => {
    take(options, session, String(data)).catch((error: unknown) => options.onFault(session, error));
    // Who asks without reading the answers is not listened to until they have gone out.
    if (socket.bufferedAmount > options.maxWaitingBytes) socket.pause();
  });
  return session;
}

/** The socket is gone: ends what is open. */
export async function end<Caller>({ operations, patience }: Session<Caller>): Promise<void> {
  clearTimeout(patience);
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
      return open(options, session, message.id, message.payload);
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
  session.caller = await options.greet(session, payload);
  if (session.caller) void send(options, session, stringifyMessage({ type: MessageType.ConnectionAck }));
}

async function open<Caller>(
  options: TransportOptions<Caller>,
  session: Session<Caller>,
  id: string,
  payload: SubscribePayload,
): Promise<void> {
  const { socket, caller, operations } = session;
  if (caller === undefined) return socket.close(CloseCode.Unauthorized, 'Unauthorized');
  if (operations.has(id)) {
    return socket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
  }
  const operation: Operation = {};
  operations.set(id, operation);
  const started = await options.start(session, caller, payload);
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
    pump(options, session, id, operation.stream).catch((error: unknown) => options.onFault(session, error));
    return;
  }
  operations.delete(id);
  await send(options, session, next(options, id, started as ExecutionResult));
  void send(options, session, stringifyMessage({ type: MessageType.Complete, id }));
}

/** Sends what comes at the pace of the peer. */
async function pump<Caller>(
  options: TransportOptions<Caller>,
  session: Session<Caller>,
  id: string,
  stream: ResultStream,
): Promise<void> {
  const isOpen = () => session.operations.get(id)?.stream === stream;
  try {
    for (let event = await stream.next(); !event.done && isOpen(); event = await stream.next()) {
      const sent = send(options, session, next(options, id, event.value));
      if (sent) await sent;
    }
  } catch (error) {
    if (!isOpen()) return;
    session.operations.delete(id);
    const original = error instanceof Error ? error : new Error(String(error));
    return refuse(options, session, id, [new GraphQLError(original.message, { originalError: original })]);
  }
  if (!isOpen()) return;
  session.operations.delete(id);
  void send(options, session, stringifyMessage({ type: MessageType.Complete, id }));
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

/** Nothing to wait for when it has gone out already; a socket that is gone is told of elsewhere. */
function send<Caller>(
  { maxWaitingBytes }: TransportOptions<Caller>,
  { socket }: Session<Caller>,
  text: string,
): Promise<void> | undefined {
  if (socket.readyState !== socket.OPEN) return undefined;
  let onSent: (() => void) | undefined;
  socket.send(text, () => {
    if (socket.isPaused && socket.bufferedAmount <= maxWaitingBytes) socket.resume();
    onSent?.();
  });
  if (socket.bufferedAmount === 0) return undefined;
  return new Promise((resolve) => {
    onSent = resolve;
  });
}
