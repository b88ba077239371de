import { describe, expect, it } from '@jest/globals';
import { SpanKind } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  ParentBasedSampler,
  type Sampler,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { RandomIds, TraceId } from '../../src/telemetry/ids.ts';
import { createSpans } from '../../src/telemetry/tracer.ts';

const traces = 2_000;

function start(sampler: Sampler, ratio: number) {
  const exporter = new InMemorySpanExporter();
  const idGenerator = new RandomIds();
  const provider = new BasicTracerProvider({
    sampler,
    idGenerator,
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  return { spans: createSpans(provider.getTracer('test'), ratio, idGenerator), exporter };
}

function isSampled(sampler: Sampler, traceId: string): boolean {
  const provider = new BasicTracerProvider({
    sampler,
    idGenerator: { generateTraceId: () => traceId, generateSpanId: () => '00000000000000aa' },
  });
  return provider.getTracer('test').startSpan('work', { kind: SpanKind.SERVER }).isRecording();
}

describe('sampling a new trace before its first span is made', () => {
  it.each([
    ['a third of the traces', new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.3) }), 0.3],
    ['a third of the traces, whatever the caller does', new TraceIdRatioBasedSampler(0.3), 0.3],
    ['the share of all', new TraceIdRatioBasedSampler(1), 1],
    ['the share of none', new TraceIdRatioBasedSampler(0), 0],
    ['no trace', new ParentBasedSampler({ root: new AlwaysOffSampler() }), 0],
    ['every trace', new AlwaysOnSampler(), 1],
  ])('decides for each trace id as OpenTelemetry does: %s', (_name, sampler, ratio) => {
    const { spans, exporter } = start(sampler, ratio);
    const started = Array.from({ length: traces }, () => spans.start('work', { kind: 'server' }));
    for (const span of started) {
      span.start('part').end();
      span.end();
    }
    const ids = started.map(({ traceparent }) => traceparent.split('-')[1] as string);
    const recorded = ids.filter((id) => isSampled(sampler, id));
    expect(started.map((span) => span.isSampled)).toEqual(ids.map((id) => recorded.includes(id)));
    expect(new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId))).toEqual(new Set(recorded));
    expect(exporter.getFinishedSpans()).toHaveLength(recorded.length * 2);
  });

  it('the context of a trace that is not recorded stays the same and can be passed on', () => {
    const { spans } = start(new AlwaysOffSampler(), 0);
    const started = Array.from({ length: traces }, () => spans.start('work'));
    const contexts = started.map(({ traceparent }) => traceparent);
    expect(contexts.filter((context) => !/^00-[\da-f]{32}-[\da-f]{16}-00$/.test(context))).toEqual([]);
    expect(started.map((span) => span.start('part').traceparent)).toEqual(contexts);
    expect(new Set(contexts.map((context) => context.split('-')[1])).size).toBe(traces);
  });
});

describe('ids', () => {
  it('are lowercase hex of the right length and never repeat', () => {
    const ids = new RandomIds();
    const traceIds = Array.from({ length: traces }, () => ids.generateTraceId());
    const spanIds = Array.from({ length: traces }, () => ids.generateSpanId());
    expect(traceIds.filter((id) => !/^[\da-f]{32}$/.test(id))).toEqual([]);
    expect(spanIds.filter((id) => !/^[\da-f]{16}$/.test(id))).toEqual([]);
    expect(new Set([...traceIds, ...spanIds]).size).toBe(2 * traces);
  });

  it('are spread evenly over the shares that samplers compare', () => {
    const samples = Array.from({ length: traces }, () => new TraceId().sample / 2 ** 32);
    const halves = samples.filter((sample) => sample < 0.5).length / traces;
    expect(samples.filter((sample) => !(sample >= 0 && sample < 1))).toEqual([]);
    // Six standard deviations.
    expect(Math.abs(halves - 0.5)).toBeLessThan(6 * Math.sqrt(0.25 / traces));
  });

  it('a given trace id is used once', () => {
    const ids = new RandomIds();
    const given = 'ab'.repeat(16);
    ids.useNext(given);
    expect(ids.generateTraceId()).toBe(given);
    expect(ids.generateTraceId()).not.toBe(given);
  });
});
