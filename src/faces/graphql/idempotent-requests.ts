import type { Plugin } from 'graphql-yoga';
import type { GivenKeys } from '../../idempotency/parse-key.ts';
import type { GraphQLContext } from '../../schema/context.ts';

/** What an operation needs of its HTTP request. */
interface KeyedRequest {
  /** Undefined: the operation came from elsewhere. */
  readonly id?: string;
  readonly keys: GivenKeys;
  /** Called if the answer is one that was stored. */
  readonly onReplayed: () => void;
}

const none: KeyedRequest = { keys: {}, onReplayed: () => undefined };
/** A property of contexts, because an entry of a WeakMap for each request is more work for the garbage collector. */
const requestOf = Symbol('request');
type WithRequest = object & { [requestOf]?: KeyedRequest };

/** Remembers the id and the keys of a request in its context. */
export function setKeyedRequest(context: WithRequest, request: KeyedRequest): void {
  context[requestOf] = request;
}

/** The request with this context, which `setKeyedRequest` has set. */
export function keyedRequestOf(context: WithRequest): KeyedRequest {
  return context[requestOf] ?? none;
}

/** Adds the key in the extensions of a request, if they have one, to that of its header. */
export function addKeyExtension(context: object, extensions: unknown): void {
  const extension = keyExtensionOf(extensions);
  if (extension === undefined) return;
  const request = keyedRequestOf(context);
  setKeyedRequest(context, { ...request, keys: { ...request.keys, extension } });
}

export function useKeyExtension(): Plugin<object, GraphQLContext> {
  return {
    onParams: ({ params, context }) => addKeyExtension(context, params?.extensions),
  };
}

/** `idempotencyKey` in the extensions of a request, unchecked. */
export function keyExtensionOf(extensions: unknown): unknown {
  if (typeof extensions !== 'object' || extensions === null) return undefined;
  return (extensions as Readonly<Record<string, unknown>>)['idempotencyKey'];
}
