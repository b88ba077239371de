import { type ExecutionResult, GraphQLError } from 'graphql';
import { MessageType, type SubscribePayload, stringifyMessage } from 'graphql-ws';
import type { ResultStream } from '../../operations/subscribe.ts';
import { send } from '../shared/send.ts';
import type { Operation, Session, TransportOptions } from './socket-session.ts';

/** Runs one operation and sends what it gives: a result, the events of its stream, or what is wrong with it. */
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
    // The stream is all that is kept: what asked for it can go.
    operation.stream = started as ResultStream;
    pump({ options, session, id, stream: operation.stream });
    return;
  }
  operations.delete(id);
  await send(options, session, next(options, id, started as ExecutionResult));
  void send(options, session, stringifyMessage({ type: MessageType.Complete, id }));
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

/** Tells the peer what is wrong with its operation. */
export function refuse<Caller>(
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
