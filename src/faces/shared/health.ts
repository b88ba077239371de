import type { FastifyInstance } from 'fastify';
import { assertMayReadMetrics } from './metrics-access.ts';
import type { Services } from './services.ts';

/**
 * `GET /healthz`: the process responds. `GET /readyz`: the database is reachable and writable by this version, the
 * dispatcher runs, and this node is not stopping; the check has a database connection of its own. `GET /metrics`:
 * metrics for Prometheus.
 * @param isStopping true while the node drains: it still serves, but load balancers should not route to it.
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
