import type { FastifyInstance, FastifyReply } from 'fastify';

/** Keeps browsers from guessing a content type from text that users wrote. */
export function withoutSniffing(reply: FastifyReply): FastifyReply {
  return reply.header('x-content-type-options', 'nosniff');
}

/** Sets the header on every answer of the server. */
export function forbidSniffing(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    withoutSniffing(reply);
    done();
  });
}
