import { readdir, readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { routeNotFound } from '../../errors.ts';
import { type Asset, cachePermanently, createAsset, sendAsset } from '../shared/assets.ts';

/** Written by `npm run generate`. The path is the same from `src` and from `dist`. */
const folder = new URL('../../../dist/elements/', import.meta.url);

const contentTypes: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};

/** Files that entries share: their names contain the hash of their content. */
const isHashed = (file: string) => /-[0-9A-Z]{8}\.js/.test(file);

/** Browsers load modules of other origins by CORS, and pages that isolate themselves only with the other header. */
const forEverybody = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' } as const;

/** Serves the web components of `@tidings/inbox`, which pages of any origin may load; they contain no data. */
export function registerElements(app: FastifyInstance): void {
  let loaded: Promise<ReadonlyMap<string, Asset>> | undefined;
  app.get<{ Params: { readonly file: string } }>('/elements/:file', async (request, reply) => {
    loaded ??= load();
    const { file } = request.params;
    const asset = (await loaded).get(file);
    if (!asset) throw routeNotFound(`/elements/${file}`);
    // A page of an allowed origin gets these headers from `allowOrigins`. They say that answers depend on the caller.
    reply.removeHeader('access-control-allow-credentials').headers(forEverybody);
    return sendAsset(reply.header('cache-control', isHashed(file) ? cachePermanently : 'no-cache'), asset);
  });
}

async function load(): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>();
  for (const file of await readdir(folder)) {
    const contentType = contentTypes[file.split('.').at(-1) ?? ''];
    if (contentType !== undefined) assets.set(file, createAsset(contentType, await readFile(new URL(file, folder))));
  }
  return assets;
}
