import type { Span, Tracer } from '../tracing.ts';
import type { NewStatus } from './delivery-status.ts';
import type { LeasedDelivery } from './lease.ts';
import type { MethodName } from './method-names.ts';
import type { Message, Outcome, Untried, WaitRequest } from './methods/method.ts';

/** The span of one attempt of a delivery. */
export interface AttemptTrace {
  /**
   * Records that the message has been rendered since `startedAt`, a time of `performance.now()`, and that it is being
   * sent. Returns the message with the context of the trace to pass on.
   */
  send(message: Message, startedAt: number): Message;
  /** Ends the attempt. */
  end(result: AttemptResult): void;
}

/** The outcome of an attempt, or the status of a delivery that was not tried. */
type AttemptResult = Outcome['kind'] | WaitRequest['kind'] | Untried['kind'] | NewStatus['status'] | 'stopped';

const failures: ReadonlySet<AttemptResult> = new Set(['retry', 'failed', 'permanent_failure', 'temporary_failure']);

/** Starts the span of an attempt; undefined if the trace of the delivery is not recorded. */
export type TraceAttempt = (delivery: LeasedDelivery) => AttemptTrace | undefined;

/**
 * Records attempts in the trace of the request that enqueued the delivery, whichever node makes them: a span from the
 * lease to the result, and below it spans of the lease, the rendering and the sending. Spans contain no person, no text
 * and no reason of a failure, which may quote both.
 */
export function createAttemptTracing(tracer: Tracer | undefined, method: MethodName): TraceAttempt {
  if (tracer === undefined) return () => undefined;
  return ({ id, lease, traceparent, template_id, attempt_count, queued_seconds }) => {
    if (traceparent === null) return undefined;
    const span = tracer.start(`deliver ${method}`, {
      kind: 'consumer',
      parent: { traceparent },
      startedAt: lease.requestedAt,
      attributes: {
        'tidings.delivery.id': id,
        'tidings.delivery.method': method,
        'tidings.delivery.attempt': attempt_count + 1,
        'tidings.delivery.queued_ms': Math.round(queued_seconds * 1000),
        'tidings.template.id': template_id ?? undefined,
      },
    });
    if (!span.isSampled) return undefined;
    span.start('lease', { startedAt: lease.requestedAt }).end({ at: lease.leasedAt });
    let sending: Span | undefined;
    return {
      send(message, startedAt) {
        span.start('render', { startedAt }).end();
        sending = span.start(`send ${method}`, { kind: 'client' });
        return { ...message, traceparent: sending.traceparent };
      },
      end(result) {
        const error = failures.has(result) ? result : undefined;
        sending?.end({ error });
        span.end({ attributes: { 'tidings.delivery.outcome': result }, error });
      },
    };
  };
}
