import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Span, SpanEnd, Tracer } from '../../tracing.ts';
import { routeOf } from './route-of.ts';

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
  app.addHook('onRequest', (request, { raw: response }, done) => {
    const { method, headers, id } = request;
    const { traceparent, tracestate } = headers;
    const route = routeOf(request).url;
    const span = tracer.start(route === undefined ? method : `${method} ${route}`, {
      kind: 'server',
      ...(typeof traceparent === 'string' && {
        parent: { traceparent, ...(typeof tracestate === 'string' && { tracestate }) },
      }),
    });
    request.span = span;
    // Not Fastify's hook, which is not called when the client goes away first.
    if (span.isSampled) response.once('close', () => span.end(endOf(response, { method, route, id })));
    done();
  });
}

function endOf(
  { statusCode, headersSent, writableFinished }: ServerResponse,
  { method, route, id }: { readonly method: string; readonly route: string | undefined; readonly id: string },
): SpanEnd {
  const status = headersSent ? statusCode : undefined;
  const failure = status !== undefined && status >= 500 ? String(status) : undefined;
  return {
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'tidings.request_id': id,
    },
    error: writableFinished ? failure : 'aborted',
  };
}
