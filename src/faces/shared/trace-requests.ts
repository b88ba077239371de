import type { FastifyInstance } from 'fastify';
import type { Span, Tracer } from '../../tracing.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The span of the request; undefined if nothing is traced. */
    span: Span | undefined;
  }
}

/**
 * Starts a span for each request, below the caller's if the request has a `traceparent` header. A span has the route and
 * never the address: paths and query strings contain tokens.
 */
export function traceRequests(app: FastifyInstance, tracer: Tracer | undefined): void {
  app.decorateRequest('span', undefined);
  if (tracer === undefined) return;
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    const { traceparent, tracestate } = headers;
    const route = routeOptions.url;
    request.span = tracer.start(route === undefined ? method : `${method} ${route}`, {
      kind: 'server',
      ...(typeof traceparent === 'string' && {
        parent: { traceparent, ...(typeof tracestate === 'string' && { tracestate }) },
      }),
    });
    done();
  });
  app.addHook('onResponse', ({ span, method, routeOptions, id }, { statusCode }, done) => {
    if (span?.isSampled) {
      span.end({
        attributes: {
          'http.request.method': method,
          'http.route': routeOptions.url,
          'http.response.status_code': statusCode,
          'tidings.request_id': id,
        },
        error: statusCode >= 500 ? String(statusCode) : undefined,
      });
    }
    done();
  });
}
