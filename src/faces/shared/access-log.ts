import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { requestIdOf } from './request-id.ts';

/**
 * Logs every request when it is answered, at level `debug`; at other levels it costs nothing. Paths are logged without
 * the query string, which may hold a token.
 */
export function logAccess(app: FastifyInstance, log: Logger): void {
  if (!log.isLevelEnabled('debug')) return;
  app.addHook('onResponse', (request, reply, done) => {
    const { viewer } = request;
    log.debug(
      {
        method: request.method,
        path: pathOf(request.url),
        status: reply.statusCode,
        ms: Math.round(10 * reply.elapsedTime) / 10,
        user: viewer?.kind === 'user' ? viewer.id : undefined,
        requestId: request.id,
      },
      'request',
    );
    done();
  });
  app.server.on('upgrade', ({ method, url = '/', headers }) => {
    log.debug({ method, path: pathOf(url), requestId: requestIdOf(headers) }, 'upgrade requested');
  });
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
