import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Viewer } from '../../auth/viewer.ts';
import { addressKey } from '../../client-address.ts';
import { serviceUnavailable } from '../../errors.ts';
import { countUnsent } from './stalled.ts';
import { smallBytes, type Unsent } from './unsent.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether it may have changed something: its answer cannot be taken back. */
    isWrite: boolean;
  }
}

/** After how many seconds a refused request may come again. */
const retryAfter = '1';

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'SEARCH', 'OPTIONS']);

/**
 * Bounds what waits to be sent: large answers are counted from when they are made until their peer has taken them or
 * is gone. One for which there is no room is refused with `SERVICE_UNAVAILABLE`, unless it is the answer to a write;
 * a caller who has as much waiting as one may have is refused before anything is done. Small answers always pass.
 */
export function boundAnswers(app: FastifyInstance, unsent: Unsent): void {
  app.decorateRequest('isWrite', false);
  app.addHook('onRequest', (request, _reply, done) => {
    request.isWrite = !reading.has(request.method);
    done();
  });
  app.addHook('preHandler', (request, reply, done) => {
    if (!unsent.isFull(peerOf(request))) return done();
    reply.header('retry-after', retryAfter);
    return done(tooMuch());
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload !== 'string' || payload.length < smallBytes) return done(null, payload);
    const { socket } = request.raw;
    // Nobody is there any more to take it, nor would anything tell that it is over.
    if (socket.destroyed) return done(null, payload);
    // Once, outside the heap: the text itself and the copy that the system makes of it would both wait.
    const bytes = Buffer.from(payload);
    const peer = peerOf(request);
    const release = request.isWrite ? unsent.force(peer, bytes.length) : unsent.add(peer, bytes.length);
    if (!release) {
      reply.header('retry-after', retryAfter);
      return done(tooMuch());
    }
    countUnsent(socket, bytes.length);
    // An answer has its connection, and hears of its end, only when its turn has come.
    const forget = whenGone(socket, release);
    reply.raw.once('close', () => {
      forget();
      release();
      countUnsent(socket, -bytes.length);
    });
    return done(null, bytes);
  });
}

/** What is to be called when a connection is gone: one listener for all the answers that wait on it. */
const waitingFor = new WeakMap<Socket, Set<() => void>>();

/** Calls back when the connection is gone; the answer takes that back. */
function whenGone(socket: Socket, call: () => void): () => void {
  let calls = waitingFor.get(socket);
  if (!calls) {
    const all = new Set<() => void>();
    calls = all;
    waitingFor.set(socket, all);
    socket.once('close', () => {
      for (const one of all) one();
    });
  }
  const known = calls.add(call);
  return () => void known.delete(call);
}

/** Users are counted wherever they come from, everybody else by address. */
export function peerOf({ viewer, ip }: { readonly viewer?: Viewer; readonly ip: string }): string {
  return viewer?.kind === 'user' ? viewer.id : addressKey(ip);
}

function tooMuch() {
  return serviceUnavailable('answers', 'too much waits to be taken');
}
