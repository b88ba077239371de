import { type ExportResult, parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { type ISerializer, JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { TelemetryConfig } from '../config.ts';

/** Encoded spans that are sent together. */
export interface Batch {
  readonly chunks: readonly Uint8Array[];
  /** The number of spans in all chunks. */
  readonly count: number;
}

/** Sends spans to a collector. */
export interface BatchExporter {
  encode(spans: readonly ReadableSpan[]): Uint8Array;
  /** Sends one request. Never rejects. */
  export(batch: Batch): Promise<void>;
  shutdown(): Promise<void>;
}

/** Called with the result of each request. */
export type OnExported = (batch: Batch, result: ExportResult) => void;

interface Encoding {
  readonly contentType: string;
  readonly serializer: ISerializer<ReadableSpan[], unknown>;
  /** Makes one message of several. */
  readonly merge: (chunks: readonly Uint8Array[]) => Uint8Array;
}

const jsonStart = Buffer.from('{"resourceSpans":[');
const jsonEnd = Buffer.from(']}');
const jsonComma = Buffer.from(',');

const encodings: Readonly<Record<TelemetryConfig['protocol'], Encoding>> = {
  'http/protobuf': {
    contentType: 'application/x-protobuf',
    serializer: ProtobufTraceSerializer,
    // Messages of protobuf one after the other are one message with the elements of all their lists.
    merge: (chunks) => Buffer.concat(chunks),
  },
  'http/json': {
    contentType: 'application/json',
    serializer: JsonTraceSerializer,
    merge: (chunks) =>
      Buffer.concat([
        jsonStart,
        ...chunks.flatMap((chunk, index) => [
          ...(index === 0 ? [] : [jsonComma]),
          chunk.subarray(jsonStart.length, chunk.length - jsonEnd.length),
        ]),
        jsonEnd,
      ]),
  },
};

/**
 * Creates the exporter of OTLP over HTTP. It differs from the exporters that OpenTelemetry publishes only in that spans
 * are encoded before they are sent.
 */
export function createBatchExporter(
  { url, headers, protocol }: TelemetryConfig,
  onExported: OnExported,
): BatchExporter {
  const { contentType, serializer, merge } = encodings[protocol];
  const options = { url, headers: parseKeyPairsIntoRecord(headers) };
  const delegate = createOtlpHttpExportDelegate<Batch, unknown>(
    convertLegacyHttpOptions(options, 'TRACES', 'v1/traces', { 'Content-Type': contentType }),
    {
      serializeRequest: ({ chunks }) => merge(chunks),
      deserializeResponse: (bytes) => serializer.deserializeResponse(bytes),
    },
    'otlp_http_span_exporter',
    { name: 'span', countItems: ({ count }) => count },
    undefined,
  );
  return {
    encode(spans) {
      const bytes = serializer.serializeRequest([...spans]);
      if (bytes === undefined) throw new Error('Spans cannot be encoded.');
      return bytes;
    },
    export: (batch) =>
      new Promise((resolve) => {
        delegate.export(batch, (result) => {
          onExported(batch, result);
          resolve();
        });
      }),
    shutdown: () => delegate.shutdown(),
  };
}
