import {
  type Context,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type SpanOptions as StartOptions,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent, TraceState } from '@opentelemetry/core';
import type { RemoteParent, Span, SpanEnd, SpanOptions, Tracer } from '../tracing.ts';
import { type RandomIds, TraceId } from './ids.ts';

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER } as const;

/**
 * Starts spans with a tracer of OpenTelemetry that generates these ids. A new trace is sampled before its span is made,
 * because most traces are not recorded; the sampler of the tracer then decides the same.
 * @param ratio the share of new traces that its sampler records, from 0 to 1
 */
export function createSpans(tracer: OtelTracer, ratio: number, ids: RandomIds): Pick<Tracer, 'start'> {
  // As OpenTelemetry's sampler of a ratio has it.
  const bound = ratio === 1 ? 2 ** 32 : Math.floor(ratio * 0xffffffff);
  return {
    start(name, options) {
      const context = contextOf(options?.parent);
      if (context === ROOT_CONTEXT) {
        const traceId = new TraceId();
        if (traceId.sample >= bound) return new UnsampledTrace(traceId, ids);
        ids.useNext(traceId.toString());
      }
      return startSpan(tracer, name, options, context);
    },
  };
}

/** The context of the caller's trace; an empty context if the caller's header is missing or invalid. */
function contextOf(parent: RemoteParent | undefined): Context {
  const remote = parent && parseTraceParent(parent.traceparent);
  if (!remote) return ROOT_CONTEXT;
  const traceState = parent.tracestate === undefined ? undefined : new TraceState(parent.tracestate);
  return trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true, ...(traceState && { traceState }) });
}

function startSpan(tracer: OtelTracer, name: string, options: SpanOptions | undefined, parent: Context): Span {
  const span = tracer.startSpan(name, startOptions(options), parent);
  const context = span.spanContext();
  if ((context.traceFlags & TraceFlags.SAMPLED) === 0) return new UnsampledSpan(traceparentOf(span));
  return new SampledSpan(tracer, span, parent);
}

class SampledSpan implements Span {
  readonly isSampled = true;
  readonly #tracer: OtelTracer;
  readonly #span: OtelSpan;
  readonly #parent: Context;
  #context: Context | undefined;

  constructor(tracer: OtelTracer, span: OtelSpan, parent: Context) {
    this.#tracer = tracer;
    this.#span = span;
    this.#parent = parent;
  }

  get traceparent(): string {
    return traceparentOf(this.#span);
  }

  start(name: string, options?: SpanOptions): Span {
    this.#context ??= trace.setSpan(this.#parent, this.#span);
    return startSpan(this.#tracer, name, options, this.#context);
  }

  end({ attributes, error, at }: SpanEnd = {}): void {
    if (attributes) this.#span.setAttributes(attributes);
    if (error !== undefined) this.#span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end(at);
  }
}

class UnsampledSpan implements Span {
  readonly isSampled = false;
  readonly traceparent: string;

  constructor(traceparent: string) {
    this.traceparent = traceparent;
  }

  start(): Span {
    return this;
  }

  end(): void {}
}

/** A new trace that is not recorded. Its context is made only where it is passed on. */
class UnsampledTrace implements Span {
  readonly isSampled = false;
  readonly #traceId: TraceId;
  readonly #ids: RandomIds;
  #traceparent: string | undefined;

  constructor(traceId: TraceId, ids: RandomIds) {
    this.#traceId = traceId;
    this.#ids = ids;
  }

  get traceparent(): string {
    this.#traceparent ??= `00-${this.#traceId}-${this.#ids.generateSpanId()}-00`;
    return this.#traceparent;
  }

  start(): Span {
    return this;
  }

  end(): void {}
}

function startOptions({ kind, attributes, startedAt }: SpanOptions = {}): StartOptions {
  // Without spreads: each would make an object of its own.
  const options: StartOptions = {};
  if (kind) options.kind = kinds[kind];
  if (attributes) options.attributes = attributes;
  if (startedAt !== undefined) options.startTime = startedAt;
  return options;
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-0${traceFlags.toString(16)}`;
}
