/**
 * What the service needs of distributed tracing. `telemetry/` implements it with OpenTelemetry and is loaded only where
 * spans are exported; everywhere else there is no tracer, and no span.
 */

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** Default: `internal`. */
  readonly kind?: 'server' | 'client' | 'consumer';
  readonly attributes?: Attributes;
  /** When the work began, if not now, as a time of `performance.now()`. */
  readonly startedAt?: number | undefined;
}

export interface SpanEnd {
  readonly attributes?: Attributes;
  /** A short stable name of what failed, such as an error code; never a message, which may quote what people wrote. */
  readonly error?: string | undefined;
  /** When the work ended, if not now, as a time of `performance.now()`. */
  readonly at?: number | undefined;
}

/**
 * One piece of work in a trace. If the trace is not sampled, nothing is recorded: the span only passes on the context of
 * the trace, and its children are itself.
 */
export interface Span {
  /** The context of the trace to pass on, as in the header `traceparent`. @see https://www.w3.org/TR/trace-context/ */
  readonly traceparent: string;
  readonly isSampled: boolean;
  /** Starts a span below this one. */
  start(name: string, options?: SpanOptions): Span;
  end(end?: SpanEnd): void;
}

/** The headers of the caller's trace. */
export interface RemoteParent {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

export interface Tracer {
  /** Starts a span below that of another process, or the first span of a trace if there is no valid parent. */
  start(name: string, options?: SpanOptions & { readonly parent?: RemoteParent | undefined }): Span;
  /** Sends what is buffered, for `timeoutMs` at most. Spans that end later are dropped. Never rejects. */
  stop(timeoutMs: number): Promise<void>;
}

/** Runs the work, and ends the span when it has settled; an error is named by `nameOf`. */
export async function inSpan<Result>(
  span: Span,
  work: () => PromiseLike<Result>,
  nameOf: (error: unknown) => string,
): Promise<Result> {
  try {
    const result = await work();
    span.end();
    return result;
  } catch (error) {
    span.end({ error: nameOf(error) });
    throw error;
  }
}
