import type { FastifyInstance } from 'fastify';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { forbidden, forbiddenCollection } from '../../errors.ts';
import type { Services } from '../shared/services.ts';
import { sendJson, sendText } from './reply.ts';

/** Registers what clients ask a server about itself. Anybody may ask. */
export function registerServerRoutes(app: FastifyInstance, { operations, config }: Services): void {
  const { limits, graphql } = config;
  let sdl: string | undefined;

  app.get('/server/ping', (_request, reply) => sendText(reply, 'text/plain; charset=utf-8', 'pong'));

  app.get('/server/info', (request, reply) => {
    const project = { project_name: 'Tidings', default_language: 'en-US' };
    const queryLimit = { default: limits.queryDefault, max: limits.queryMax ?? -1 };
    const data = request.viewer.kind === 'anonymous' ? { project } : { project, queryLimit };
    return sendJson(reply, JSON.stringify({ data }));
  });

  app.get('/server/specs/graphql/system', (_request, reply) => {
    if (!graphql.introspection) throw forbidden();
    // Printed when first asked for: most servers never are.
    sdl ??= printSchema(lexicographicSortSchema(operations.schema));
    reply.header('content-disposition', 'attachment; filename="tidings.graphql"');
    return sendText(reply, 'text/plain; charset=utf-8', sdl);
  });

  // System collections have routes of their own, and there are no others.
  for (const url of ['/items/:collection', '/items/:collection/*']) {
    app.all<{ Params: { readonly collection: string } }>(url, ({ params }) => {
      throw forbiddenCollection(params.collection, 'read');
    });
  }
}
