import { Gauge, Registry } from 'prom-client';
import { within } from '../promises.ts';
import { processMetrics } from './process-metrics.ts';

/** Updates metrics from the database before they are rendered. */
export type Measure = () => Promise<void>;

/** Metrics in the text format of Prometheus. */
export interface RenderedMetrics {
  readonly contentType: string;
  readonly body: string;
}

/** Milliseconds that reading from the database may take; Prometheus itself gives up after ten seconds. */
const measureMs = 2_000;

/**
 * Creates the function behind `/metrics`. It renders what this process counted and what the measures read from the
 * database. During an outage of the database it renders the rest, and `tidings_database_up` is 0.
 */
export function createMetricsPage(registry: Registry, measures: readonly Measure[]): () => Promise<RenderedMetrics> {
  const own = new Registry();
  const databaseUp = new Gauge({
    name: 'tidings_database_up',
    help: '1 if the database answered while these metrics were collected, otherwise 0.',
    registers: [own],
  });
  /** Concurrent requests share one reading. */
  let measuring: Promise<boolean> | undefined;
  const measureAll = () => {
    measuring ??= Promise.all(measures.map((measure) => measure()))
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        measuring = undefined;
      });
    return measuring;
  };
  return async () => {
    databaseUp.set((await within(measureMs, measureAll(), false)) ? 1 : 0);
    const bodies = await Promise.all([own, registry, processMetrics()].map((each) => each.metrics()));
    return { contentType: registry.contentType, body: bodies.join('\n') };
  };
}
