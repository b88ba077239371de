import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticate } from '../../auth/token-guard.ts';
import { bearerToken } from '../../auth/tokens.ts';
import { anonymous, type Viewer } from '../../auth/viewer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes the request; each face sets it before its routes run. */
    viewer: Viewer;
  }
}

/** Sets the viewer of each request in this scope from its bearer token. */
export function identifyByBearer(scope: FastifyInstance, authenticate: Authenticate): void {
  scope.addHook('onRequest', async (request) => {
    const token = requestToken(request);
    request.viewer = token === undefined ? anonymous : await authenticate(token, request.ip);
  });
}

/** The bearer token of a request, from its header or query string. */
export function requestToken({ headers, query }: FastifyRequest): string | undefined {
  return bearerToken(headers, query);
}

/** The bearer token of a WebSocket handshake, from its header or query string. */
export function handshakeToken({ headers }: IncomingMessage, { searchParams }: URL): string | undefined {
  return bearerToken(headers, Object.fromEntries(searchParams));
}
