import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routeNotFound } from '../../errors.ts';
import { cachePermanently, sendAsset } from '../shared/assets.ts';
import { loadGraphiQL, pageHeaders } from './graphiql.ts';

/** Whether a browser requests a page. */
export function wantsPage({ method, headers: { accept } }: FastifyRequest): boolean {
  return method === 'GET' && accept !== undefined && accept.includes('text/html');
}

/** Sends the GraphiQL page. */
export async function sendPage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { page } = await loadGraphiQL();
  const path = request.url.split('?')[0] ?? '';
  // Relative to the page, so that it works behind a proxy with another path.
  const folder = path.endsWith('/') ? 'graphiql' : `${path.slice(path.lastIndexOf('/') + 1)}/graphiql`;
  return reply.headers(pageHeaders).send(page(folder));
}

/** Serves the assets of GraphiQL below `path`. Browsers cache them permanently: a new version has new file names. */
export function registerGraphiQL(app: FastifyInstance, path: string): void {
  app.get<{ Params: { readonly file: string } }>(`${path}/graphiql/:file`, async (request, reply) => {
    const { assets } = await loadGraphiQL();
    const { file } = request.params;
    const asset = assets.get(file);
    if (!asset) throw routeNotFound(`${path}/graphiql/${file}`);
    return sendAsset(reply.header('cache-control', cachePermanently), asset);
  });
}
