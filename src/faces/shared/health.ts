import type { FastifyInstance } from 'fastify';
import { assertMayReadMetrics } from './metrics-access.ts';
import type { Services } from './services.ts';

/**
 * `GET /healthz`: the process answers. `GET /readyz`: so does its database, which can be written to by this version, and
 * what is enqueued is sent, and this node is not about to stop; it asks on a connection that no request uses. `GET /metrics`: what was counted, for Prometheus.
 * @param isStopping whether this node goes: it still serves, but is to be sent nothing new.
 */
export function registerHealth(
  app: FastifyInstance,
  { config, authenticate, health }: Services,
  isStopping: () => boolean,
): void {
  const { checkDatabase, isDispatching, renderMetrics } = health;
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const unavailable = (reason: string) => reply.code(503).send({ status: 'unavailable', reason });
    if (isStopping()) return unavailable('the service is stopping');
    const reason = await checkDatabase();
    if (reason !== undefined) return unavailable(reason);
    if (isDispatching?.() === false) return unavailable('the dispatcher is not running');
    return { status: 'ready' };
  });
  if (renderMetrics === undefined) return;
  app.get('/metrics', async (request, reply) => {
    await assertMayReadMetrics(request, { token: config.metricsToken, authenticate });
    const { contentType, body } = await renderMetrics();
    return reply.type(contentType).send(body);
  });
}
