import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from '../../../support/loopback.ts';

/** A reverse proxy in front of the service. */
export interface WebProxy {
  /** The address of the service for browsers, without a slash at the end. */
  readonly url: string;
  /** Changes the service worker that browsers get from now on. */
  changeWorker(change: (script: string) => string): void;
  close(): Promise<void>;
}

/** @param prefix the path below which browsers find the service, such as `/tidings`; it is not passed on */
export async function aWebProxy(service: string, prefix = ''): Promise<WebProxy> {
  let changed: ((script: string) => string) | undefined;
  const { origin, close } = await listenOnLoopback((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming;
    if (!url.startsWith(`${prefix}/`)) {
      outgoing.writeHead(404).end();
      return;
    }
    const path = url.slice(prefix.length);
    const isChanged = changed !== undefined && path === '/service-worker.js';
    const sent = { ...headers, ...(isChanged && { 'accept-encoding': 'identity', 'if-none-match': '' }) };
    const forwarded = request(service + path, { method, headers: sent }, (answer) => {
      if (!isChanged) {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      text(answer).then(
        (script) => {
          const { 'content-length': _, ...others } = answer.headers;
          outgoing.writeHead(200, others).end(changed?.(script));
        },
        () => outgoing.destroy(),
      );
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  return {
    url: origin + prefix,
    changeWorker(change) {
      changed = change;
    },
    close,
  };
}
