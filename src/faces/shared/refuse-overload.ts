import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import type { OverloadConfig } from '../../config.ts';
import { serviceUnavailable } from '../../errors.ts';
import type { CountRefusal } from '../../rate-limits/refusal-metrics.ts';
import { type LoopDelay, measureLoopDelay } from './loop-delay.ts';
import { routeOf } from './route-of.ts';

/** Value of `Retry-After` for refused requests, in seconds. */
const retryAfter = '1';

interface Options {
  readonly registry: Registry;
  readonly countRefusal: CountRefusal;
  /** The number of open event streams. They have their response, so they wait for nothing. */
  readonly streams: () => number;
}

/**
 * Refuses new requests while too many wait for their response, or while the event loop is delayed. Routes that cost no
 * points, such as health checks, are always answered. Open sockets go on. Bounds that are off cost nothing.
 */
export function refuseOverload(app: FastifyInstance, bounds: OverloadConfig, options: Options): void {
  const { registry, countRefusal, streams } = options;
  const { waitingRequests, eventLoopDelayMs } = bounds;
  if (waitingRequests === 0 && eventLoopDelayMs === 0) return;
  const delay: LoopDelay | undefined = eventLoopDelayMs === 0 ? undefined : measureLoopDelay(eventLoopDelayMs);
  app.addHook('onClose', async () => delay?.stop());
  const waiting = waitingRequests === 0 ? undefined : countWaiting();
  if (waiting) measureWaiting(registry, () => waiting.count() - streams());

  function overload(): 'waiting_requests' | 'event_loop_delay' | undefined {
    if (waiting && waiting.count() >= waitingRequests && waiting.count() - streams() >= waitingRequests) {
      return 'waiting_requests';
    }
    return delay?.isDelayed() ? 'event_loop_delay' : undefined;
  }

  app.addHook('onRequest', (request, reply, done) => {
    if (routeOf(request).config.points === 0) return done();
    const reason = overload();
    if (reason !== undefined) {
      countRefusal(reason);
      reply.header('retry-after', retryAfter);
      return done(serviceUnavailable('requests', 'too many requests are waiting'));
    }
    waiting?.add(request.raw.socket, reply.raw);
    done();
  });
}

function measureWaiting(registry: Registry, count: () => number): void {
  new Gauge({
    name: 'tidings_waiting_requests',
    help: 'HTTP requests that are not answered yet, without event streams.',
    registers: [registry],
    collect() {
      this.set(count());
    },
  });
}

/** The requests of one connection that are not answered. */
interface Connection {
  count: number;
  readonly release: () => void;
}

/** Counts requests until their response is sent or their connection closes. */
function countWaiting() {
  let total = 0;
  const connections = new WeakMap<Socket, Connection>();

  function connectionOf(socket: Socket): Connection {
    const known = connections.get(socket);
    if (known) return known;
    const connection: Connection = {
      count: 0,
      release() {
        if (connection.count === 0) return;
        connection.count -= 1;
        total -= 1;
      },
    };
    // With pipelined requests, only the current response emits `close` with the connection.
    socket.once('close', () => {
      total -= connection.count;
      connection.count = 0;
    });
    connections.set(socket, connection);
    return connection;
  }

  return {
    count: () => total,
    add(socket: Socket, response: NodeJS.EventEmitter) {
      // Nothing would release it.
      if (socket.destroyed) return;
      const connection = connectionOf(socket);
      connection.count += 1;
      total += 1;
      response.on('close', connection.release);
    },
  };
}
