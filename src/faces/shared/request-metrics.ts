import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import { createDurationHistogram, type DurationSeries } from '../../metrics/duration-histogram.ts';
import type { Face } from './face.ts';
import { routeOf } from './route-of.ts';

/** The route label of requests that match no route. Their paths are not used, because their number is unbounded. */
const unmatched = 'unmatched';
const eventStream = 'text/event-stream';

/** Adds the metrics of requests: their number and duration by method, route and status. Event streams are left out. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const seriesOf = createDurationHistogram({
    name: 'tidings_http_request_duration_seconds',
    help: 'Duration of HTTP requests until the response was sent, without event streams.',
    labelNames: ['method', 'route', 'status'],
    registry,
  });
  /** By route, method and status: Fastify has one configuration object for each route. */
  const cache = new Map<object, Map<string, Map<number, DurationSeries>>>();
  function addSeries(request: FastifyRequest, status: number) {
    const { method } = request;
    const { url: route = unmatched, config } = routeOf(request);
    const ofRoute = cache.get(config) ?? new Map<string, Map<number, DurationSeries>>();
    const ofMethod = ofRoute.get(method) ?? new Map<number, DurationSeries>();
    const series = seriesOf({ method, route, status: String(status) });
    cache.set(config, ofRoute.set(method, ofMethod.set(status, series)));
    return series;
  }
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode } = reply.raw;
    const known = cache.get(routeOf(request).config)?.get(request.method)?.get(statusCode);
    const series = known ?? addSeries(request, statusCode);
    const type = reply.raw.getHeader('content-type');
    if (typeof type !== 'string' || !type.startsWith(eventStream)) series.observe(reply.elapsedTime / 1000);
    done();
  });
}

/** Adds the metrics of open WebSockets and event streams, by path. */
export function measureFollowers(faces: readonly Face[], registry: Registry): void {
  new Gauge({
    name: 'tidings_open_sockets',
    help: 'Open WebSockets, by the path they were opened at.',
    labelNames: ['path'] as const,
    registers: [registry],
    collect() {
      const counted = new Set<object>();
      for (const [path, { server }] of faces.flatMap(({ sockets }) => [...sockets])) {
        // Several paths of a face may share one server.
        if (!counted.has(server)) this.set({ path }, server.clients.size);
        counted.add(server);
      }
    },
  });
  new Gauge({
    name: 'tidings_open_event_streams',
    help: 'Open event streams.',
    registers: [registry],
    collect() {
      this.set(faces.reduce((sum, { streams }) => sum + (streams?.size ?? 0), 0));
    },
  });
}
