import { DiagLogLevel, diag } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import { v4 as uuid } from 'uuid';
import type { TelemetryConfig } from '../config.ts';
import type { Tracer } from '../tracing.ts';
import { readVersion } from '../version.ts';
import { createBatchExporter } from './batch-exporter.ts';
import { RandomIds } from './ids.ts';
import { logFailures } from './log-failures.ts';
import { readBufferOptions, SpanBuffer } from './span-buffer.ts';
import { createSpans } from './tracer.ts';

/**
 * Maximum milliseconds that a stop waits for the collector: an unreachable one must not use up the time of the stop.
 */
const maxFlushMs = 2_000;

/**
 * Starts to export spans. Besides the configuration, OpenTelemetry's packages read their other standard variables
 * themselves, such as `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_BSP_*`, `OTEL_SPAN_*` and `OTEL_EXPORTER_OTLP_TIMEOUT`.
 */
export async function startTelemetry(config: TelemetryConfig, log: Logger): Promise<Tracer> {
  // `logFailures` logs each outage of the collector once; OpenTelemetry would log each batch that fails.
  setGlobalErrorHandler(() => undefined);
  const warn = (reason: string) => log.warn({ reason }, 'a variable of OpenTelemetry cannot be used');
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const { ratio = config.ratio, create } = samplers[config.sampler];
  const sampler = create(ratio);
  const idGenerator = new RandomIds();
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': config.serviceName,
          'service.version': readVersion(),
          'service.instance.id': uuid(),
        }),
      )
      .merge(detectResources({ detectors: [envDetector] })),
    sampler,
    idGenerator,
    spanProcessors: [new SpanBuffer(createBatchExporter(config, logFailures(log)), readBufferOptions())],
  });
  diag.disable();
  return {
    ...createSpans(provider.getTracer('tidings'), ratio, idGenerator),
    async stop(timeoutMs) {
      const limit = new Promise((resolve) => setTimeout(resolve, Math.min(timeoutMs, maxFlushMs)).unref());
      // `logFailures` has logged the failure.
      await Promise.race([provider.shutdown().catch(ignore), limit]);
    },
  };
}

function ignore(): void {}

interface SamplerKind {
  /** The share of new traces that it records; without one, that of the configuration. */
  readonly ratio?: number;
  readonly create: (ratio: number) => Sampler;
}

const always = () => new AlwaysOnSampler();
const never = () => new AlwaysOffSampler();
const some = (ratio: number) => new TraceIdRatioBasedSampler(ratio);
const parentBased = (root: SamplerKind['create']) => (ratio: number) => new ParentBasedSampler({ root: root(ratio) });

const samplers: Readonly<Record<TelemetryConfig['sampler'], SamplerKind>> = {
  always_on: { ratio: 1, create: always },
  always_off: { ratio: 0, create: never },
  traceidratio: { create: some },
  parentbased_always_on: { ratio: 1, create: parentBased(always) },
  parentbased_always_off: { ratio: 0, create: parentBased(never) },
  parentbased_traceidratio: { create: parentBased(some) },
};
