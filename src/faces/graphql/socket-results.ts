import { type ExecutionResult, GraphQLError } from 'graphql';
import { MessageType, type SubscribePayload, stringifyMessage } from 'graphql-ws';
import type { ResultStream } from '../../operations/subscribe.ts';
import { send } from '../shared/send.ts';
import type { Operation, Session, TransportOptions } from './socket-session.ts';

/** Runs one operation and sends its result, the events of its stream, or its errors. */
export async function runOperation<Caller>(
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
    // Only the stream is kept, so that the request can be garbage-collected.
    operation.stream = started as ResultStream;
    pump({ options, session, id, stream: operation.stream });
    return;
  }
  operations.delete(id);
  await send(options, session, next(options, session, id, started as ExecutionResult));
  void send(options, session, stringifyMessage({ type: MessageType.Complete, id }));
}

/** One running subscription. */
interface Subscription<Caller> {
  readonly options: TransportOptions<Caller>;
  readonly session: Session<Caller>;
  readonly id: string;
  readonly stream: ResultStream;
}

/** Sends the events at the peer's pace. Not an async function: its frame would stay in memory while it waits. */
function pump<Caller>(subscription: Subscription<Caller>): void {
  subscription.stream.next().then(
    (event) => {
      try {
        forward(subscription, event);
      } catch (error) {
        fail(subscription, error);
      }
    },
    (error: unknown) => fail(subscription, error),
  );
}

function forward<Caller>(subscription: Subscription<Caller>, event: IteratorResult<ExecutionResult, unknown>): void {
  const { options, session, id } = subscription;
  if (!isOpen(subscription)) return;
  if (event.done) {
    session.operations.delete(id);
    void send(options, session, stringifyMessage({ type: MessageType.Complete, id }));
    return;
  }
  const sent = send(options, session, next(options, session, id, event.value));
  if (sent) sent.then(() => pump(subscription)).catch((error: unknown) => options.onFault(session, error));
  else pump(subscription);
}

function fail<Caller>(subscription: Subscription<Caller>, error: unknown): void {
  const { options, session, id } = subscription;
  if (!isOpen(subscription)) return;
  session.operations.delete(id);
  const original = error instanceof Error ? error : new Error(String(error));
  refuse(options, session, id, [new GraphQLError(original.message, { originalError: original })]);
}

function isOpen<Caller>({ session, id, stream }: Subscription<Caller>): boolean {
  return session.operations.get(id)?.stream === stream;
}

/** Sends the errors of an operation. */
export function refuse<Caller>(
  options: TransportOptions<Caller>,
  session: Session<Caller>,
  id: string,
  errors: readonly GraphQLError[],
): void {
  const payload = errors.map((error) => options.presentError(error, session).toJSON());
  void send(options, session, stringifyMessage({ type: MessageType.Error, id, payload }));
}

/** Serialized results: one that is sent to several subscribers is serialized once. */
const texts = new WeakMap<ExecutionResult, string>();

function next<Caller>(
  { presentError }: TransportOptions<Caller>,
  session: Session<Caller>,
  id: string,
  result: ExecutionResult,
): string {
  let text = texts.get(result);
  if (text === undefined) {
    const { data = null, errors } = result;
    text = JSON.stringify(
      errors ? { data, errors: errors.map((error) => presentError(error, session).toJSON()) } : result,
    );
    texts.set(result, text);
  }
  return `{"id":${JSON.stringify(id)},"type":"next","payload":${text}}`;
}
