import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../../config.ts';
import { namedOrigins } from './cors.ts';

type OriginConfig = Pick<Config, 'publicUrl' | 'cors'>;

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'SEARCH']);
const ownSites: ReadonlySet<string | undefined> = new Set([undefined, 'same-origin', 'none']);

/** Whether a page of this service or of `CORS_ORIGIN` sent the request, or a client that is no browser. */
export function isOwnOrigin({ origin, host }: IncomingHttpHeaders, { publicUrl, cors }: OriginConfig): boolean {
  if (origin === undefined || namedOrigins(cors).includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host?.toLowerCase() || (publicUrl !== undefined && page.origin === new URL(publicUrl).origin);
}

/**
 * Whether another site may have made a browser send this request with the cookies of a user (CSRF). Browsers add
 * `Origin` to every request of another origin that may change data; where it is missing, `Sec-Fetch-Site` must not name
 * another site.
 */
export function isForgeable(
  { method, headers }: { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders },
  config: OriginConfig,
): boolean {
  if (!isOwnOrigin(headers, config)) return true;
  if (headers.origin !== undefined || safeMethods.has(method ?? '')) return false;
  const site = headers['sec-fetch-site'];
  return !ownSites.has(typeof site === 'string' ? site : undefined);
}
