import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What the health of the service is judged by. */
export interface HealthOptions {
  /** Why the database cannot be worked with now, within two seconds; undefined when it can. */
  readonly checkDatabase: () => Promise<string | undefined>;
  /** Whether this node goes: it still serves, but is to be sent nothing new. */
  readonly isStopping: () => boolean;
  /** Left out: there is no dispatcher that could be missed. */
  readonly isDispatching?: (() => boolean) | undefined;
  /** Left out: nothing is counted. */
  readonly renderMetrics?: (() => Promise<{ readonly contentType: string; readonly body: string }>) | undefined;
  /** Throws what a caller who may not have the figures is answered. */
  readonly assertMayReadMetrics: (request: FastifyRequest) => Promise<void>;
}

/**
 * `GET /healthz`: the process answers. `GET /readyz`: so does its database, which can be written to by this version, and
 * what is enqueued is sent, and this node is not about to stop; it asks on a connection that no request uses. `GET /metrics`: what was counted, for Prometheus.
 */
export function registerHealth(
  app: FastifyInstance,
  { checkDatabase, isStopping, isDispatching, renderMetrics, assertMayReadMetrics }: HealthOptions,
): void {
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
    await assertMayReadMetrics(request);
    const { contentType, body } = await renderMetrics();
    return reply.type(contentType).send(body);
  });
}
