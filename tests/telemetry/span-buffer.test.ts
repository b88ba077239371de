import { describe, expect, it } from '@jest/globals';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { TelemetryConfig } from '../../src/config.ts';
import { createBatchExporter } from '../../src/telemetry/batch-exporter.ts';
import { SpanBuffer, type SpanBufferOptions } from '../../src/telemetry/span-buffer.ts';
import { afterwards } from '../faults/afterwards.ts';
import { aCollector } from './collector.ts';
import { messagesAt } from './protobuf.ts';

const never = 2 ** 30;
const resourceSpans = 1;
const scopeSpans = 2;
const spans = 2;

/** A tracer whose spans go to a buffer before a collector, and to OpenTelemetry's exporter into memory. */
async function aStage(protocol: TelemetryConfig['protocol'], options: Partial<SpanBufferOptions> = {}) {
  const collector = await aCollector();
  afterwards(collector.close);
  const config: TelemetryConfig = {
    url: `${collector.url}/v1/traces`,
    protocol,
    headers: undefined,
    serviceName: 'tidings',
    sampler: 'always_on',
    ratio: 1,
  };
  const counts: number[] = [];
  const exporter = createBatchExporter(config, ({ count }) => counts.push(count));
  const buffer = new SpanBuffer(exporter, {
    maxQueueSize: 10_000,
    batchSize: 512,
    delayMs: never,
    timeoutMs: never,
    ...options,
  });
  const memory = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [buffer, new SimpleSpanProcessor(memory)] });
  const tracer = provider.getTracer('test');
  const work = (number: number) => tracer.startSpan(`work ${number}`, { attributes: { number, text: 'ä\u{1f600}' } });
  return { collector, buffer, memory, work, counts };
}

describe('spans that wait as bytes', () => {
  it('a batch in protobuf contains exactly the messages that OpenTelemetry makes of the same spans', async () => {
    const { collector, buffer, memory, work } = await aStage('http/protobuf');

    for (let number = 0; number < 100; number++) work(number).end();
    await buffer.forceFlush();

    const expected = Buffer.from(ProtobufTraceSerializer.serializeRequest(memory.getFinishedSpans()) ?? []);
    const path = [resourceSpans, scopeSpans, spans];
    expect(collector.posts).toHaveLength(1);
    const body = collector.posts[0]?.body ?? Buffer.alloc(0);
    expect(messagesAt(body, path)).toEqual(messagesAt(expected, path));
    expect(messagesAt(body, path)).toHaveLength(100);
    const resources = (message: Buffer) => new Set(messagesAt(message, [resourceSpans, 1]).map(String));
    expect(resources(body)).toEqual(resources(expected));
  });

  it('a batch in JSON contains exactly the spans that OpenTelemetry makes of the same spans', async () => {
    const { collector, buffer, memory, work } = await aStage('http/json');

    for (let number = 0; number < 100; number++) work(number).end();
    await buffer.forceFlush();

    type Otlp = { resourceSpans: { resource: unknown; scopeSpans: { scope: unknown; spans: unknown[] }[] }[] };
    const spansIn = (json: string) =>
      (JSON.parse(json) as Otlp).resourceSpans.flatMap((one) =>
        one.scopeSpans.flatMap(({ scope, spans: list }) =>
          list.map((span) => ({ resource: one.resource, scope, span })),
        ),
      );
    const expected = Buffer.from(JsonTraceSerializer.serializeRequest(memory.getFinishedSpans()) ?? []).toString();
    expect(spansIn(String(collector.posts[0]?.body))).toEqual(spansIn(expected));
  });

  it('full batches are sent at once, and a shutdown sends the rest', async () => {
    const { collector, buffer, work, counts } = await aStage('http/json', { batchSize: 50 });

    for (let number = 0; number < 120; number++) work(number).end();
    await collector.until((all) => all.length > 120 - 50);
    await buffer.shutdown();
    work(120).end();
    await buffer.forceFlush();

    expect(collector.spans.map(({ name }) => name)).toEqual(
      Array.from({ length: 120 }, (_, number) => `work ${number}`),
    );
    expect(Math.max(...counts)).toBeLessThanOrEqual(50);
  });

  it('a batch of one is one span', async () => {
    const { buffer, work, counts } = await aStage('http/json', { batchSize: 1 });

    for (let number = 0; number < 5; number++) work(number).end();
    await buffer.forceFlush();

    expect(counts).toEqual([1, 1, 1, 1, 1]);
  });

  it('an incomplete batch is sent after the delay', async () => {
    const { collector, work } = await aStage('http/protobuf', { delayMs: 1 });

    work(1).end();

    await collector.until(() => collector.posts.length === 1);
    expect(messagesAt(collector.posts[0]?.body ?? Buffer.alloc(0), [resourceSpans, scopeSpans, spans])).toHaveLength(1);
  });
});
