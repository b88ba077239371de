import type { FastifyInstance } from 'fastify';
import { routeNotFound } from '../../errors.ts';
import { type Asset, cachePermanently, sendAsset } from '../shared/assets.ts';
import { isHashed, readBuiltFiles } from './built-files.ts';

/** Browsers load modules of other origins by CORS, and pages that isolate themselves only with the other header. */
const forEverybody = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' } as const;

/** Serves the web components of `@tidings/inbox`, which pages of any origin may load; they contain no data. */
export function registerElements(app: FastifyInstance): void {
  let loaded: Promise<ReadonlyMap<string, Asset>> | undefined;
  app.get<{ Params: { readonly file: string } }>('/elements/:file', async (request, reply) => {
    loaded ??= readBuiltFiles('elements');
    const { file } = request.params;
    const asset = (await loaded).get(file);
    if (!asset) throw routeNotFound(`/elements/${file}`);
    // A page of an allowed origin gets these headers from `allowOrigins`. They say that answers depend on the caller.
    reply.removeHeader('access-control-allow-credentials').headers(forEverybody);
    return sendAsset(reply.header('cache-control', isHashed(file) ? cachePermanently : 'no-cache'), asset);
  });
}
