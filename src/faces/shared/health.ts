import type { FastifyInstance } from 'fastify';
import type { JsonSchema } from './json-schema.ts';
import { assertMayReadMetrics } from './metrics-access.ts';
import { anybody, documented, json, type OperationDescription, plain } from './openapi.ts';
import type { Services } from './services.ts';

/** Health is checked and measured also under overload. */
const neverRefused = { points: 0 };

/**
 * Adds three routes. `GET /healthz`: the process responds. `GET /readyz`: the database is reachable and writable by
 * this version, the dispatcher runs, and this node is not stopping; the check uses a database connection of its own.
 * `GET /metrics`: metrics for Prometheus.
 * @param isStopping true while the node drains: it still serves, but load balancers should not route to it.
 */
export function registerHealth(
  app: FastifyInstance,
  { config, authenticate, health }: Services,
  isStopping: () => boolean,
): void {
  const { checkDatabase, isDispatching, renderMetrics } = health;
  app.get('/healthz', documented(descriptions.alive, neverRefused), async () => ({ status: 'ok' }));
  app.get('/readyz', documented(descriptions.ready, neverRefused), async (_request, reply) => {
    const unavailable = (reason: string) => reply.code(503).send({ status: 'unavailable', reason });
    if (isStopping()) return unavailable('the service is stopping');
    const reason = await checkDatabase();
    if (reason !== undefined) return unavailable(reason);
    if (isDispatching?.() === false) return unavailable('the dispatcher is not running');
    return { status: 'ready' };
  });
  if (renderMetrics === undefined) return;
  app.get('/metrics', documented(descriptions.metrics, neverRefused), async (request, reply) => {
    await assertMayReadMetrics(request, { token: config.metricsToken, authenticate });
    const { contentType, body } = await renderMetrics();
    return reply.type(contentType).send(body);
  });
}

const status = (value: string): JsonSchema => ({
  type: 'object',
  required: ['status'],
  properties: { status: { const: value }, ...(value === 'unavailable' && { reason: { type: 'string' } }) },
});

const describe = (given: Omit<OperationDescription, 'tags' | 'security'>): OperationDescription => ({
  tags: ['Health'],
  security: anybody,
  ...given,
});

const descriptions = {
  alive: describe({
    operationId: 'alive',
    summary: 'Whether the process responds',
    responses: { 200: { description: 'The process responds.', content: json(status('ok')) } },
  }),
  ready: describe({
    operationId: 'ready',
    summary: 'Whether this node should get requests',
    responses: {
      200: { description: 'The database is usable and deliveries are sent.', content: json(status('ready')) },
      503: {
        description: 'This node cannot serve requests or send deliveries, or it is stopping.',
        content: json(status('unavailable')),
      },
    },
  }),
  metrics: describe({
    operationId: 'metrics',
    summary: 'Metrics for Prometheus',
    description:
      'Requires the token in `METRICS_TOKEN` or a token with the role admin, operator or reader. While `METRICS_TOKEN` is not set, requests from this machine need no token.',
    responses: {
      200: { description: 'The text format of Prometheus.', content: plain('text/plain') },
      default: { description: 'The caller may not read them.', content: json({ type: 'object' }) },
    },
  }),
};
