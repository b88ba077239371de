import type { FastifyInstance } from 'fastify';
import type { Queryable } from './database/database.ts';

/** `GET /healthz`: the process answers. `GET /readyz`: so does its database, which is migrated before listening. */
export function registerHealth(app: FastifyInstance, db: Queryable): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await db.query({ text: 'select 1', values: [] });
      return { status: 'ready' };
    } catch {
      return reply.code(503).send({ status: 'unavailable', reason: 'the database cannot be reached' });
    }
  });
}
