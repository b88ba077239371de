import { randomBytes, randomUUID } from 'node:crypto';
import { listenOnLoopback } from '../../support/loopback.ts';

/** What a page of the host contains. */
export interface HostPage {
  /** The address of the service, without a path. */
  readonly service: string;
  /** Inside `<body>`. */
  readonly html: string;
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  /** A module that runs before the elements are loaded; it can import from the service. */
  readonly script: string;
  /** Rules of the host. */
  readonly style: string;
  /** The address of the module that brings the elements; default: that of the service. */
  readonly module: string;
}

/** A web server on an origin of its own: the application that embeds the elements. */
export interface Host {
  readonly origin: string;
  /** Returns the address of a page that loads the elements under a strict content security policy. */
  add(page: HostPage): string;
  /** Serves the scripts of an application; returns the address of the folder they are in. */
  addScripts(files: ReadonlyMap<string, Uint8Array>): string;
  close(): Promise<void>;
}

export async function aHost(): Promise<Host> {
  const pages = new Map<string, HostPage>();
  const scripts = new Map<string, Uint8Array>();
  const { origin, close } = await listenOnLoopback(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://host');
    const script = scripts.get(pathname);
    if (script) {
      response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(script);
      return;
    }
    const page = pages.get(pathname);
    if (!page) {
      response.writeHead(url === '/favicon.ico' ? 204 : 404).end();
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(page, nonce),
    });
    response.end(write(page, nonce));
  });
  return {
    origin,
    add(page) {
      const path = `/${randomUUID()}`;
      pages.set(path, page);
      return origin + path;
    },
    addScripts(files) {
      const folder = `/${randomUUID()}/`;
      for (const [name, content] of files) scripts.set(folder + name, content);
      return origin + folder;
    },
    close,
  };
}

const policy = ({ service }: HostPage, nonce: string) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `connect-src 'self' ${service}`,
    'img-src https: data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const write = ({ module, html, lang, dir, script, style }: HostPage, nonce: string) => `<!doctype html>
<html lang="${lang}" dir="${dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Host</title>
<style nonce="${nonce}">${style}</style>
${script === '' ? '' : `<script type="module" nonce="${nonce}">${script}</script>`}
<script type="module" nonce="${nonce}" src="${module}"></script>
</head>
<body>
${html}
</body>
</html>
`;
