import type { FastifyInstance, FastifyReply } from 'fastify';

/** Nobody guesses what an answer is from what users wrote. */
export function withoutSniffing(reply: FastifyReply): FastifyReply {
  return reply.header('x-content-type-options', 'nosniff');
}

/** Marks every answer of the server so. */
export function forbidSniffing(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    withoutSniffing(reply);
    done();
  });
}
