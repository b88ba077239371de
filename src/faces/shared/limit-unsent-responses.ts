import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Viewer } from '../../auth/viewer.ts';
import { addressKey } from '../../client-address.ts';
import { serviceUnavailable } from '../../errors.ts';
import { countUnsent } from './stalled.ts';
import { smallBytes, type Unsent } from './unsent.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request may have changed data; its answer is then sent even if it exceeds the bound. */
    isWrite: boolean;
  }
}

/** Value of `Retry-After` for refused requests, in seconds. */
const retryAfter = '1';

const readMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'SEARCH', 'OPTIONS']);

/**
 * Bounds the memory of unsent answers: large ones are counted until they are written to the network or their connection
 * closes. An answer that exceeds the bound is replaced by `SERVICE_UNAVAILABLE`, unless it answers a write. If a caller
 * has reached the bound for one peer, their requests are refused before they run. Small answers are not counted.
 */
export function limitUnsentResponses(app: FastifyInstance, unsent: Unsent): void {
  app.decorateRequest('isWrite', false);
  app.addHook('onRequest', (request, _reply, done) => {
    request.isWrite = !readMethods.has(request.method);
    done();
  });
  app.addHook('preHandler', (request, reply, done) => {
    if (!unsent.isFull(peerOf(request))) return done();
    reply.header('retry-after', retryAfter);
    return done(overloaded());
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload !== 'string' || payload.length < smallBytes) return done(null, payload);
    const { socket } = request.raw;
    // On a closed connection the answer is dropped, and no event would release its bytes.
    if (socket.destroyed) return done(null, payload);
    // A buffer keeps one copy outside the heap; a string would be kept together with its encoded copy.
    const bytes = Buffer.from(payload);
    const peer = peerOf(request);
    const release = request.isWrite ? unsent.force(peer, bytes.length) : unsent.add(peer, bytes.length);
    if (!release) {
      reply.header('retry-after', retryAfter);
      return done(overloaded());
    }
    countUnsent(socket, bytes.length);
    // With pipelined requests, only the current response emits `close` with the connection, so the socket is watched
    // too.
    const stopWatching = onConnectionClosed(socket, release);
    reply.raw.once('close', () => {
      stopWatching();
      release();
      countUnsent(socket, -bytes.length);
    });
    return done(null, bytes);
  });
}

/** Callbacks by connection, so that all its unsent answers share one `close` listener. */
const closeCallbacks = new WeakMap<Socket, Set<() => void>>();

/** Calls `callback` when the connection closes. Returns a function that removes the callback. */
function onConnectionClosed(socket: Socket, callback: () => void): () => void {
  let callbacks = closeCallbacks.get(socket);
  if (!callbacks) {
    const all = new Set<() => void>();
    callbacks = all;
    closeCallbacks.set(socket, all);
    socket.once('close', () => {
      for (const each of all) each();
    });
  }
  const registered = callbacks.add(callback);
  return () => void registered.delete(callback);
}

/** The key that unsent bytes are counted under: the user's id, or the address of an anonymous caller. */
export function peerOf({ viewer, ip }: { readonly viewer?: Viewer; readonly ip: string }): string {
  return viewer?.kind === 'user' ? viewer.id : addressKey(ip);
}

function overloaded() {
  return serviceUnavailable('answers', 'too many bytes are waiting to be sent');
}
