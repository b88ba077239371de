import type { ExecutionResult, OperationTypeNode } from 'graphql';
import type { Registry } from 'prom-client';
import { createDurationHistogram, type DurationSeries } from '../metrics/duration-histogram.ts';
import type { Plan } from './plan.ts';

/** Records the duration of one operation, from its start in milliseconds of `performance.now()`. */
export type RecordOperation = (plan: Plan, result: ExecutionResult, startedAt: number) => void;

/**
 * Adds the metrics of GraphQL operations, including those of the REST faces. An operation is counted under its first
 * root field, because its name is chosen by clients.
 */
export function createOperationMetrics(registry: Registry): RecordOperation {
  const seriesOf = createDurationHistogram({
    name: 'tidings_graphql_operation_duration_seconds',
    help: 'Duration of GraphQL operations, including those of REST routes, by first root field and result.',
    labelNames: ['type', 'field', 'result'],
    registry,
  });
  const newResult = () => ({
    query: new Map<string, DurationSeries>(),
    mutation: new Map<string, DurationSeries>(),
    subscription: new Map<string, DurationSeries>(),
  });
  /** By result, type and field: looking up a labelled metric by its labels takes longer than observing it. */
  const cache = { ok: newResult(), error: newResult() };
  function addSeries(type: OperationTypeNode, field: string, result: 'ok' | 'error'): DurationSeries {
    const series = seriesOf({ type, field, result });
    cache[result][type].set(field, series);
    return series;
  }
  return ({ operation, root }, { errors }, startedAt) => {
    const field = root?.fields[0]?.name ?? '';
    const result = errors === undefined ? 'ok' : 'error';
    const { operation: type } = operation;
    const series = cache[result][type].get(field) ?? addSeries(type, field, result);
    series.observe((performance.now() - startedAt) / 1000);
  };
}
