import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { idOfUpgrade } from './request-id.ts';
import { routeOf } from './route-of.ts';

/**
 * Logs every request when it is answered, at level `debug`; at other levels it costs nothing. Tokens are not
 * logged: a path has no query string.
 */
export function logAccess(app: FastifyInstance, log: Logger): void {
  if (!log.isLevelEnabled('debug')) return;
  app.addHook('onResponse', (request, reply, done) => {
    const { viewer } = request;
    log.debug(
      {
        method: request.method,
        path: pathOf(request),
        status: reply.statusCode,
        ms: Math.round(10 * reply.elapsedTime) / 10,
        user: viewer?.kind === 'user' ? viewer.id : undefined,
        requestId: request.id,
      },
      'request',
    );
    done();
  });
  app.server.on('upgrade', (request) => {
    const { method, url = '/' } = request;
    log.debug({ method, path: withoutQuery(url), requestId: idOfUpgrade(request) }, 'upgrade requested');
  });
}

/** The path to log: without the query string, and for a path with a token the pattern of its route. */
function pathOf(request: FastifyRequest): string {
  const { url } = request;
  const route = routeOf(request).url;
  return route?.includes(':token') ? route : withoutQuery(url);
}

function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
