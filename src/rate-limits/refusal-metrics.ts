import { Counter, type Registry } from 'prom-client';

/** What refused a request: a limit of callers, or a bound of this node. */
export type RefusedBy = 'user' | 'anonymous' | 'coder' | 'waiting_requests' | 'event_loop_delay';

export type CountRefusal = (by: RefusedBy) => void;

/** Adds the metric of refused requests. Returns a function that counts one. */
export function createRefusalMetrics(registry: Registry): CountRefusal {
  const refused = new Counter({
    name: 'tidings_refused_requests_total',
    help: 'Requests and socket messages that were refused because of a limit, by the limit.',
    labelNames: ['limit'] as const,
    registers: [registry],
  });
  return (limit) => refused.inc({ limit });
}
