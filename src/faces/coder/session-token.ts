import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie } from 'cookie';

/** What of a request says who asks, and whether the browser said it by itself. */
export interface SessionRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly parameters: URLSearchParams;
}

const sessionCookie = 'coder_session_token';
const sessionHeader = 'coder-session-token';
const csrfCookie = 'csrf_token';
const csrfHeader = 'x-csrf-token';
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** The token of a request of the Coder dialect: the first that is there, in the order its servers look. */
export function sessionToken({ headers, parameters }: SessionRequest): string | undefined {
  const candidates = [
    cookieOf(headers, sessionCookie),
    parameters.get(sessionCookie),
    single(headers[sessionHeader]),
    bearerOf(headers),
    parameters.get('access_token'),
  ];
  return candidates.find((token) => token !== undefined && token !== null && token !== '') ?? undefined;
}

/**
 * Whether another site could have made the browser send this request: it changes something, a cookie speaks for the
 * user, and nothing in it shows that its author knows more than the browser adds by itself.
 */
export function isForgeable({ method, headers, parameters }: SessionRequest): boolean {
  const session = cookieOf(headers, sessionCookie);
  if (!session || safeMethods.has(method)) return false;
  const isKnown = single(headers[sessionHeader]) === session || parameters.get(sessionCookie) === session;
  return !isKnown && bearerOf(headers) === undefined && !holdsCsrfToken(headers);
}

/** The header must hold what the cookie holds, plain or masked: a random pad followed by the token XOR that pad. */
function holdsCsrfToken(headers: IncomingHttpHeaders): boolean {
  const wanted = Buffer.from(cookieOf(headers, csrfCookie) ?? '', 'base64');
  const given = Buffer.from(single(headers[csrfHeader]) ?? '', 'base64');
  if (wanted.length !== csrfBytes) return false;
  if (given.length === csrfBytes) return timingSafeEqual(given, wanted);
  if (given.length !== 2 * csrfBytes) return false;
  const pad = given.subarray(0, csrfBytes);
  const token = given.subarray(csrfBytes).map((byte, place) => byte ^ (pad[place] ?? 0));
  return timingSafeEqual(token, wanted);
}

const csrfBytes = 32;

function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  // Tokens stand in the cookie as they are.
  return headers.cookie === undefined ? undefined : parseCookie(headers.cookie, { decode: (text) => text })[name];
}

function bearerOf({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1];
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
