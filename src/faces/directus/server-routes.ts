import type { FastifyInstance } from 'fastify';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { forbidden, forbiddenCollection } from '../../errors.ts';
import { documented } from '../shared/openapi.ts';
import type { Services } from '../shared/services.ts';
import { serverDescriptions } from './describe-routes.ts';
import { sendJson, sendText } from './reply.ts';

/** Registers the routes about the server itself, which need no token. */
export function registerServerRoutes(app: FastifyInstance, { operations, config }: Services): void {
  const { limits, graphql } = config;
  let sdl: string | undefined;

  app.get('/server/ping', documented(serverDescriptions.ping), (_request, reply) =>
    sendText(reply, 'text/plain; charset=utf-8', 'pong'),
  );

  app.get('/server/info', documented(serverDescriptions.info), (request, reply) => {
    const project = { project_name: 'Tidings', default_language: 'en-US' };
    const queryLimit = { default: limits.queryDefault, max: limits.queryMax ?? -1 };
    const data = request.viewer.kind === 'anonymous' ? { project } : { project, queryLimit };
    return sendJson(reply, JSON.stringify({ data }));
  });

  app.get('/server/specs/graphql/system', documented(serverDescriptions.graphqlSchema), (_request, reply) => {
    if (!graphql.introspection) throw forbidden();
    // Printed on first use, because most servers never need it.
    sdl ??= printSchema(lexicographicSortSchema(operations.schema));
    reply.header('content-disposition', 'attachment; filename="tidings.graphql"');
    return sendText(reply, 'text/plain; charset=utf-8', sdl);
  });

  // `/items` is for user collections, and there are none: system collections have their own routes.
  for (const url of ['/items/:collection', '/items/:collection/*']) {
    app.all<{ Params: { readonly collection: string } }>(url, ({ params }) => {
      throw forbiddenCollection(params.collection, 'read');
    });
  }
}
