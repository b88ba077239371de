import { ExportResultCode } from '@opentelemetry/core';
import type { Logger } from 'pino';
import type { OnExported } from './batch-exporter.ts';

/** Logs once when spans cannot be exported, and once when they are exported again. */
export function logFailures(log: Logger): OnExported {
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

  return ({ count }, { code, error }) => {
    if (code === ExportResultCode.SUCCESS) succeeded();
    else failed(count, error);
  };
}

/** The answer of a collector may quote the headers it refuses, so only its status is logged. */
function reasonOf(error: Error | undefined): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: string };
  return [message, code].filter((part) => part !== undefined && part !== '').join(' ') || 'no reason was given';
}
