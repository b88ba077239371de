import type { ExecutionResult, OperationTypeNode } from 'graphql';
import { Histogram, type Registry } from 'prom-client';
import { durationBuckets } from '../metrics/duration-buckets.ts';
import type { Plan } from './plan.ts';

/** Records the duration of one operation, from its start in milliseconds of `performance.now()`. */
export type RecordOperation = (plan: Plan, result: ExecutionResult, startedAt: number) => void;

type Record = ReturnType<Histogram['labels']>;

/**
 * Adds the metrics of GraphQL operations, including those of the REST faces. An operation is counted under its first
 * root field, because its name is chosen by clients.
 */
export function createOperationMetrics(registry: Registry): RecordOperation {
  const seconds = new Histogram({
    name: 'tidings_graphql_operation_duration_seconds',
    help: 'Duration of GraphQL operations, including those of REST routes, by first root field and result.',
    labelNames: ['type', 'field', 'result'] as const,
    buckets: durationBuckets,
    registers: [registry],
  });
  /** Looking up a labelled metric by its labels takes longer than observing it. */
  const cache = { ok: new Map<string, Record>(), error: new Map<string, Record>() };
  const recordFor = (type: OperationTypeNode, field: string, result: 'ok' | 'error') => {
    const key = `${type} ${field}`;
    const cached = cache[result].get(key) ?? seconds.labels({ type, field, result });
    cache[result].set(key, cached);
    return cached;
  };
  return ({ operation, root }, { errors }, startedAt) => {
    const field = root?.fields[0]?.name ?? '';
    const result = errors === undefined ? 'ok' : 'error';
    recordFor(operation.operation, field, result).observe((performance.now() - startedAt) / 1000);
  };
}
