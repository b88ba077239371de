import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticate } from '../../auth/token-guard.ts';
import { bearerToken } from '../../auth/tokens.ts';
import { anonymous, type Viewer } from '../../auth/viewer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; each face sets it before any of its routes runs. */
    viewer: Viewer;
  }
}

/** Gives each request of this scope its viewer, by its bearer token, before any route runs. */
export function identifyByBearer(scope: FastifyInstance, authenticate: Authenticate): void {
  scope.addHook('onRequest', async (request) => {
    const token = requestToken(request);
    request.viewer = token === undefined ? anonymous : await authenticate(token, request.ip);
  });
}

/** The bearer token of a request, from its header or its query. */
export function requestToken({ headers, query }: FastifyRequest): string | undefined {
  return bearerToken(headers, query);
}

/** The bearer token of a handshake, from its header or its address. */
export function handshakeToken({ headers }: IncomingMessage, { searchParams }: URL): string | undefined {
  return bearerToken(headers, Object.fromEntries(searchParams));
}
