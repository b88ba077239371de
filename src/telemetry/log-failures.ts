import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';

/** Logs once when spans cannot be exported, and once when they are exported again. */
export function logFailures(exporter: SpanExporter, log: Logger): SpanExporter {
  let failure: { readonly since: number; spans: number } | undefined;

  function failed(spans: number, error: Error | undefined): void {
    if (failure !== undefined) {
      failure.spans += spans;
      return;
    }
    failure = { since: performance.now(), spans };
    log.warn({ reason: reasonOf(error) }, 'spans cannot be exported and are dropped');
  }

  function succeeded(): void {
    if (failure === undefined) return;
    const { since, spans } = failure;
    failure = undefined;
    log.info({ durationMs: Math.round(performance.now() - since), spans }, 'spans are exported again');
  }

  return {
    export(spans: ReadableSpan[], onResult: (result: ExportResult) => void): void {
      exporter.export(spans, (result) => {
        if (result.code === ExportResultCode.SUCCESS) succeeded();
        else failed(spans.length, result.error);
        onResult(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

/** The answer of a collector may quote the headers it refuses, so only its status is logged. */
function reasonOf(error: Error | undefined): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: string };
  return [message, code].filter((part) => part !== undefined && part !== '').join(' ') || 'no reason was given';
}
