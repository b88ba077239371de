import { TraceFlags } from '@opentelemetry/api';
import { getNumberFromEnv } from '@opentelemetry/core';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { BatchExporter } from './batch-exporter.ts';

/** Sizes are numbers of spans. */
export interface SpanBufferOptions {
  /** More spans are dropped. */
  readonly maxQueueSize: number;
  readonly batchSize: number;
  /** How long a span waits for its batch to fill. */
  readonly delayMs: number;
  /** How long the next batch waits for one that is being exported. */
  readonly timeoutMs: number;
}

/** The standard variables `OTEL_BSP_*`, with their standard defaults. */
export function readBufferOptions(): SpanBufferOptions {
  const maxQueueSize = getNumberFromEnv('OTEL_BSP_MAX_QUEUE_SIZE') ?? 2_048;
  return {
    maxQueueSize,
    batchSize: Math.min(getNumberFromEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? 512, maxQueueSize),
    delayMs: getNumberFromEnv('OTEL_BSP_SCHEDULE_DELAY') ?? 5_000,
    timeoutMs: getNumberFromEnv('OTEL_BSP_EXPORT_TIMEOUT') ?? 30_000,
  };
}

/**
 * Number of spans that are encoded together. Few, because spans that wait in memory survive collections of young
 * objects, which costs more than all other work on them; not one, because each encoding repeats the resource.
 */
const encodedTogether = 16;

/** Some encoded spans. */
interface Chunk {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/**
 * Does what `BatchSpanProcessor` does, but spans wait for their export as bytes: objects that wait would be copied twice
 * by collections of young objects.
 */
export class SpanBuffer implements SpanProcessor {
  readonly #exporter: BatchExporter;
  readonly #options: SpanBufferOptions;
  #ended: ReadableSpan[] = [];
  #chunks: Chunk[] = [];
  /** Number of spans in `#ended` and `#chunks`. */
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #exporting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(exporter: BatchExporter, options: SpanBufferOptions) {
    this.#exporter = exporter;
    this.#options = options;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (this.#stopped || (span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.#size >= this.#options.maxQueueSize) return;
    this.#size += 1;
    this.#ended.push(span);
    if (this.#ended.length >= Math.min(encodedTogether, this.#options.batchSize)) this.#encode();
    this.#schedule();
  }

  async forceFlush(): Promise<void> {
    while (this.#size > 0 || this.#exporting) await (this.#exporting ?? this.#export());
  }

  shutdown(): Promise<void> {
    this.#stopped ??= this.forceFlush().then(() => this.#exporter.shutdown());
    return this.#stopped;
  }

  #encode(): void {
    const spans = this.#ended;
    if (spans.length === 0) return;
    this.#ended = [];
    this.#chunks.push({ bytes: this.#exporter.encode(spans), count: spans.length });
  }

  /** Exports at once if a batch is full, otherwise after the delay. Only one batch is exported at a time. */
  #schedule(): void {
    if (this.#exporting || this.#size === 0) return;
    if (this.#size >= this.#options.batchSize) void this.#export();
    else this.#timer ??= setTimeout(() => void this.#export(), this.#options.delayMs).unref();
  }

  #export(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#exporting = this.#send().finally(() => {
      this.#exporting = undefined;
      if (!this.#stopped) this.#schedule();
    });
    return this.#exporting;
  }

  async #send(): Promise<void> {
    this.#encode();
    const chunks: Uint8Array[] = [];
    let count = 0;
    for (const chunk of this.#chunks) {
      if (count > 0 && count + chunk.count > this.#options.batchSize) break;
      chunks.push(chunk.bytes);
      count += chunk.count;
    }
    this.#chunks.splice(0, chunks.length);
    this.#size -= count;
    if (count === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.timeoutMs).unref();
    });
    await Promise.race([this.#exporter.export({ chunks, count }), limit]);
    clearTimeout(timer);
  }
}
