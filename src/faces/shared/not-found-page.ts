import type { FastifyReply, FastifyRequest } from 'fastify';
import { escapeHtml } from '../../escape-html.ts';
import { preferred } from './accept.ts';
import { pageHeaders, writePage } from './html.ts';
import { mark } from './mark.ts';
import { pageStyle } from './page-style.ts';

const offers = [
  { type: 'application', subtype: 'json' },
  { type: 'text', subtype: 'html' },
] as const;

/** Whether a browser asks for a page: it prefers HTML, while programs accept anything or JSON. */
export function prefersPage({ method, headers: { accept } }: FastifyRequest): boolean {
  return method === 'GET' && preferred(accept, offers)?.subtype === 'html';
}

const style = `${pageStyle}
main{min-height:100vh;display:grid;place-content:center;justify-items:start;gap:14px;padding:24px;max-width:560px;margin:0 auto}
.code{margin-top:20px;font-size:14px;color:var(--soft);font-weight:550}
h1{font-size:30px;letter-spacing:-.025em}
p{color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:20px;margin-top:10px}
`;
const pageAt = (root: string) =>
  writePage({
    title: 'Not found · Tidings',
    style,
    root,
    body: `<main>
<a class="brand" href="${root}">${mark}Tidings</a>
<p class="code">404</p>
<h1>There is nothing at this address.</h1>
<p>It may be misspelt, or it takes another method than the one a browser uses.</p>
<nav><a href="${root}">Start page</a><a href="${root}docs">API reference</a><a href="${root}graphql/system">GraphiQL</a></nav>
</main>`,
  });
const headers = {
  ...pageHeaders({ style }),
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  vary: 'Accept',
};

/**
 * Returns a function that answers 404 with a page, which does not repeat the address. As that can have any depth, links
 * are absolute paths: below the path of the public URL, for a proxy that serves this under a prefix.
 */
export function createNotFoundPage(publicUrl: string | undefined): (reply: FastifyReply) => FastifyReply {
  const prefix = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
  const page = pageAt(escapeHtml(`${prefix}/`));
  return (reply) => reply.code(404).headers(headers).send(page);
}
