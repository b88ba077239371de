import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie } from 'cookie';

/** The parts of a request that authenticate it and protect it against CSRF. */
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

/** The session token of a request: the first found, in the order in which Coder's server looks. */
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
 * Whether another site could have forged this request (CSRF): it may change data, it is authenticated by a cookie, and
 * it contains nothing that the browser does not add automatically.
 */
export function isForgeable({ method, headers, parameters }: SessionRequest): boolean {
  const session = cookieOf(headers, sessionCookie);
  if (!session || safeMethods.has(method)) return false;
  const repeatsToken = single(headers[sessionHeader]) === session || parameters.get(sessionCookie) === session;
  return !repeatsToken && bearerOf(headers) === undefined && !holdsCsrfToken(headers);
}

/** The header must hold the cookie's token, plain or masked: a random pad followed by the token XOR the pad. */
function holdsCsrfToken(headers: IncomingHttpHeaders): boolean {
  const expected = Buffer.from(cookieOf(headers, csrfCookie) ?? '', 'base64');
  const given = Buffer.from(single(headers[csrfHeader]) ?? '', 'base64');
  if (expected.length !== csrfBytes) return false;
  if (given.length === csrfBytes) return timingSafeEqual(given, expected);
  if (given.length !== 2 * csrfBytes) return false;
  const pad = given.subarray(0, csrfBytes);
  const token = given.subarray(csrfBytes).map((byte, index) => byte ^ (pad[index] ?? 0));
  return timingSafeEqual(token, expected);
}

const csrfBytes = 32;

function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  // Tokens are not percent-encoded in the cookie.
  return headers.cookie === undefined ? undefined : parseCookie(headers.cookie, { decode: (text) => text })[name];
}

function bearerOf({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1];
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
