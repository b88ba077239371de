import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readCookie } from '../../auth/sessions/auth-requests.ts';
import type { Authenticate } from '../../auth/token-guard.ts';
import { bearerToken } from '../../auth/tokens.ts';
import { anonymous, type Viewer } from '../../auth/viewer.ts';
import type { Config } from '../../config.ts';
import { forbidden } from '../../errors.ts';
import { isForgeable } from './browser-origin.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; each face sets it before its routes run. */
    viewer: Viewer;
  }
}

/** Sets the viewer of each request in this scope from its bearer token, or from the cookie of its sign-in. */
export function identifyRequests(
  scope: FastifyInstance,
  { authenticate, config }: { readonly authenticate: Authenticate; readonly config: Config },
): void {
  scope.addHook('onRequest', async (request) => {
    const token = requestToken(request, config);
    request.viewer = token === undefined ? anonymous : await authenticate(token, request.ip);
  });
}

/**
 * The token of a request: from its header or query string, else from the cookie of its sign-in.
 * @throws ServiceError as `bearerToken`; FORBIDDEN for a cookie in a request that another site may have forged.
 */
export function requestToken({ headers, query, method }: FastifyRequest, config: Config): string | undefined {
  return bearerToken(headers, query) ?? cookieToken({ method, headers }, config);
}

/** The token of a WebSocket handshake, as of a request. @throws as `requestToken`. */
export function handshakeToken(
  { headers, method }: IncomingMessage,
  { searchParams }: URL,
  config: Config,
): string | undefined {
  return bearerToken(headers, Object.fromEntries(searchParams)) ?? cookieToken({ method, headers }, config);
}

function cookieToken(request: Parameters<typeof isForgeable>[0], config: Config): string | undefined {
  const token = readCookie(request.headers.cookie, config.signIn.sessionCookie.name);
  if (token === undefined || !isForgeable(request, config)) return token;
  throw forbidden('Cookies are accepted only from pages of this service or of CORS_ORIGIN');
}
