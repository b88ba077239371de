import type { FastifyInstance } from 'fastify';
import { type ErrorCode, ServiceError } from '../../errors.ts';
import { retryAfterSeconds } from '../../quota.ts';
import type { ErrorDialect } from '../shared/face.ts';

/** Refusals that concern no particular page. */
const statusOf: Readonly<Partial<Record<ErrorCode, number>>> = { REQUESTS_EXCEEDED: 429, SERVICE_UNAVAILABLE: 503 };

/** Answers requests for pages that a limit refuses with a sentence for people. @param otherwise answers other errors */
export function answerPageErrors(scope: FastifyInstance, otherwise: ErrorDialect['handleError']): void {
  scope.setErrorHandler((error, request, reply) => {
    const status = error instanceof ServiceError ? statusOf[error.code] : undefined;
    if (!(error instanceof ServiceError) || status === undefined) return otherwise(error, request, reply);
    const seconds = retryAfterSeconds(error);
    if (seconds !== undefined) reply.header('retry-after', String(seconds));
    return reply
      .code(status)
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(`${error.message}\n`);
  });
}
