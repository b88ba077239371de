import type { FastifyRequest } from 'fastify';

type Route = FastifyRequest['routeOptions'];

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `routeOf`. */
    knownRoute: Route | undefined;
  }
}

/** The route of a request. Fastify makes a new object each time it is asked, and several hooks of a request ask. */
export function routeOf(request: FastifyRequest): Route {
  request.knownRoute ??= request.routeOptions;
  return request.knownRoute;
}
