import type { FastifyInstance } from 'fastify';
import type { Queryable } from './database/database.ts';
import { type DispatchMetrics, renderMetrics } from './dispatch/metrics.ts';

/** What the health of the service is judged by. */
export interface HealthOptions {
  readonly db: Queryable;
  /** Left out: there is no dispatcher that could be missed. */
  readonly isDispatching?: (() => boolean) | undefined;
  /** Left out: nothing is counted. */
  readonly metrics?: DispatchMetrics | undefined;
}

/**
 * `GET /healthz`: the process answers. `GET /readyz`: so does its database, which is migrated before listening, and
 * what is enqueued is sent. `GET /metrics`: what was counted, for Prometheus.
 */
export function registerHealth(app: FastifyInstance, { db, isDispatching, metrics }: HealthOptions): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const unavailable = (reason: string) => reply.code(503).send({ status: 'unavailable', reason });
    try {
      await db.query({ text: 'select 1', values: [] });
    } catch {
      return unavailable('the database cannot be reached');
    }
    if (isDispatching?.() === false) return unavailable('the dispatcher is not running');
    return { status: 'ready' };
  });
  if (metrics === undefined) return;
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await renderMetrics(metrics);
    return reply.type(contentType).send(body);
  });
}
