import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** The header that carries the id of a request, in both directions. */
export const requestIdHeader = 'x-request-id';

/** Short, and of characters that neither logs nor headers have to escape. */
const acceptable = /^[\w.:/+=@-]{1,128}$/;

/** The id that the caller or a proxy gave the request, or a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[requestIdHeader];
  // `randomUUID` is faster than `uuid`, because it generates random bytes for many ids in one call.
  return typeof given === 'string' && acceptable.test(given) ? given : randomUUID();
}

/** Answers every request with its id. */
export function answerRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(requestIdHeader, request.id);
    done();
  });
}

const upgrades = new WeakMap<IncomingMessage, string>();

/** The id of a request for a WebSocket, which Fastify does not see; always the same for one request. */
export function idOfUpgrade(request: IncomingMessage): string {
  const id = upgrades.get(request) ?? requestIdOf(request.headers);
  upgrades.set(request, id);
  return id;
}
