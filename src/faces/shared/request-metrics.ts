import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from '../../metrics/duration-buckets.ts';
import type { Face } from './face.ts';

type Labelled = ReturnType<Histogram['labels']>;

/** The route label of requests that match no route. Their paths are not used, because their number is unbounded. */
const unmatched = 'unmatched';
const eventStream = 'text/event-stream';

/** Adds the metrics of requests: their number and duration by method, route and status. Event streams are left out. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const seconds = new Histogram({
    name: 'tidings_http_request_duration_seconds',
    help: 'Duration of HTTP requests until the response was sent, without event streams.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: durationBuckets,
    registers: [registry],
  });
  /** By route, then by method and status: Fastify has one configuration object for each route. */
  const cache = new Map<object, Map<string, Labelled>>();
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const { url: route = unmatched, config } = request.routeOptions;
    const status = String(reply.raw.statusCode);
    const ofRoute = cache.get(config) ?? new Map<string, Labelled>();
    cache.set(config, ofRoute);
    const key = `${method} ${status}`;
    const cached = ofRoute.get(key) ?? seconds.labels({ method, route, status });
    ofRoute.set(key, cached);
    const type = reply.raw.getHeader('content-type');
    if (typeof type !== 'string' || !type.startsWith(eventStream)) cached.observe(reply.elapsedTime / 1000);
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
