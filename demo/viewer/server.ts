import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapeHtml } from '../../src/escape-html.ts';
import { pageHeaders, writePage } from '../../src/faces/shared/html.ts';
import { mark, markIcon } from '../../src/faces/shared/mark.ts';
import { pageStyle } from '../../src/faces/shared/page-style.ts';
import type { Captured, CaptureStore } from '../capture/captured.ts';
import { readWebhook } from '../capture/webhook.ts';
import { framedMail, framedMailHeaders } from './framed-mail.ts';
import { viewerPage } from './page.ts';

/** The viewer's server. It also receives webhooks, and plays the application to which the links in messages lead. */
export interface Viewer {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly webhookUrl: string;
  readonly applicationUrl: string;
  close(): Promise<void>;
}

type Headers = Readonly<Record<string, string>>;
const always: Headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Serves the viewer on loopback. @param port 0: a free port is chosen @throws Error with the code EADDRINUSE */
export async function startViewer(store: CaptureStore, port: number): Promise<Viewer> {
  const server = createServer((request, response) => {
    answer(store, request, response).catch((error: Error) => send(response, 400, 'text/plain', error.message));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    webhookUrl: `${url}/webhook`,
    applicationUrl: `${url}/application`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function answer(store: CaptureStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, headers, socket } = request;
  const own = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`];
  // Prevents DNS rebinding: a page of another host whose name resolves to this address gets no answer.
  if (!own.includes(headers.host ?? '')) return send(response, 403, 'text/plain', 'This is another host.');
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (method === 'POST' && pathname === '/webhook') {
    store.add(await readWebhook(request));
    return send(response, 204, 'text/plain', '');
  }
  if (method !== 'GET') return send(response, 405, 'text/plain', 'Only GET.');
  if (pathname === '/') return send(response, 200, 'text/html', viewerPage.html, viewerPage.headers);
  if (pathname === '/icon.svg') return send(response, 200, 'image/svg+xml', mark);
  if (pathname === '/favicon.ico') return send(response, 200, 'image/x-icon', markIcon);
  if (pathname.startsWith('/application')) return sendApplication(response, pathname.slice('/application'.length));
  if (pathname === '/messages') {
    const list = store.after(Number(searchParams.get('after'))).map(({ id, kind, to, subject, at }) => ({
      id,
      kind,
      to,
      subject,
      at,
    }));
    return send(response, 200, 'application/json', JSON.stringify(list));
  }
  const [, id, part] = /^\/messages\/(\d+)(\/html)?$/.exec(pathname) ?? [];
  const captured = store.find(Number(id));
  if (captured === undefined) return send(response, 404, 'text/plain', 'There is nothing here.');
  if (part === undefined) return sendMessage(response, captured);
  const scheme = searchParams.get('scheme') === 'dark' ? 'dark' : 'light';
  return send(response, 200, 'text/html', framedMail(captured.html ?? '', scheme), framedMailHeaders);
}

function sendMessage(response: ServerResponse, { html, ...message }: Captured): void {
  send(response, 200, 'application/json', JSON.stringify({ ...message, hasHtml: html !== undefined }));
}

/** Sends a page in place of the application's, for the path to which a button leads. */
function sendApplication(response: ServerResponse, path: string): void {
  const page = {
    title: 'Your application',
    style: `${pageStyle}main{max-width:560px;margin:0 auto;padding:72px 24px}h1{font-size:26px}p{color:var(--soft);margin-top:12px}`,
    root: '/',
    body: `<main><h1>Here is your application.</h1><p>The button leads to <code>${escapeHtml(path || '/')}</code> below the address that <code>APP_URL</code> names.</p></main>`,
  };
  send(response, 200, 'text/html', writePage(page), pageHeaders(page));
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers: Headers = {},
): void {
  response.writeHead(status, { ...always, 'content-type': `${type}; charset=utf-8`, ...headers }).end(body);
}
