import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config.ts';
import { type Asset, createAsset, sendAsset } from '../shared/assets.ts';
import { type Page, pageHeaders, writePage } from '../shared/html.ts';
import { mark, markIcon } from '../shared/mark.ts';
import type { OpenApiDocument } from '../shared/openapi.ts';
import { homePage } from './home.ts';
import { referencePage } from './reference.ts';

/** Caches must ask each time; an unchanged page is then answered by 304 without a body. */
const revalidated = { 'cache-control': 'no-cache' } as const;
const forADay = { 'cache-control': 'public, max-age=86400' } as const;

/** The start page, the API reference with its `/openapi.json`, and the icons. @param openapi called on first use, when all routes are registered. */
export function registerStartPages(
  app: FastifyInstance,
  { realtime, servesPages }: Config,
  openapi: () => OpenApiDocument,
): void {
  const document = once(() => createAsset('application/json; charset=utf-8', printOpenApi(openapi())));

  app.get('/openapi.json', (_request, reply) => sendAsset(reply.headers(revalidated), document()));
  addPage('/', () => homePage({ realtimePath: realtime?.path, hasInbox: servesPages }));
  addPage('/docs', () => referencePage(openapi()));
  addIcon('/icon.svg', createAsset('image/svg+xml', mark));
  addIcon('/favicon.ico', createAsset('image/x-icon', markIcon));

  function addPage(path: string, make: () => Page): void {
    const made = once(() => {
      const page = make();
      return {
        headers: { ...pageHeaders(page), ...revalidated },
        asset: createAsset('text/html; charset=utf-8', writePage(page)),
      };
    });
    app.get(path, (request, reply) => {
      // The links of a page are relative to its path without a trailing slash.
      if (path !== '/' && request.url.split('?')[0]?.endsWith('/')) return reply.redirect(`..${path}`, 308);
      return sendAsset(reply.headers(made().headers), made().asset);
    });
  }

  function addIcon(path: string, asset: Asset): void {
    app.get(path, (_request, reply) => sendAsset(reply.headers(forADay), asset));
  }
}

/** Calls the function on first use and keeps its result. */
function once<Result>(make: () => Result): () => Result {
  let made: { readonly result: Result } | undefined;
  return () => {
    made ??= { result: make() };
    return made.result;
  };
}

/** The text of `/openapi.json`, which is the same as the file `openapi.json` of the repository. */
export function printOpenApi(document: OpenApiDocument): string {
  return `${JSON.stringify(document, null, 1)}\n`;
}
