import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routeNotFound } from '../../errors.ts';
import { type Encoding, loadGraphiQL, pageHeaders } from './graphiql.ts';

/** Whether a browser asks for a page. */
export function wantsPage({ method, headers: { accept } }: FastifyRequest): boolean {
  return method === 'GET' && accept !== undefined && accept.includes('text/html');
}

/** Sends the page of GraphiQL. */
export async function sendPage(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { page } = await loadGraphiQL();
  const path = request.url.split('?')[0] ?? '';
  // As seen from the page, wherever a proxy has put it.
  const folder = path.endsWith('/') ? 'graphiql' : `${path.slice(path.lastIndexOf('/') + 1)}/graphiql`;
  return reply.headers(pageHeaders).send(page(folder));
}

/** Serves the parts of GraphiQL below `path`; browsers keep them for good, for their names change with them. */
export function registerGraphiQL(app: FastifyInstance, path: string): void {
  app.get<{ Params: { readonly file: string } }>(`${path}/graphiql/:file`, async (request, reply) => {
    const { assets } = await loadGraphiQL();
    const { file } = request.params;
    const asset = assets.get(file);
    if (!asset) throw routeNotFound(`${path}/graphiql/${file}`);
    const encoding = encodingFor(request.headers['accept-encoding']);
    const etag = `"${asset.hash}-${encoding}"`;
    reply.headers({ etag, 'cache-control': 'public, max-age=31536000, immutable', vary: 'Accept-Encoding' });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    if (encoding !== 'identity') reply.header('content-encoding', encoding);
    // One and the same buffer for all readers: those who are slow cost nothing.
    return reply.header('content-type', asset.contentType).send(await asset.encoded(encoding));
  });
}

/** The best of the encodings that the client takes. */
function encodingFor(accepted = ''): Encoding {
  const known = accepted.split(',').flatMap((part) => {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    return parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) ? [] : [name];
  });
  return (['br', 'gzip'] as const).find((encoding) => known.includes(encoding)) ?? 'identity';
}
