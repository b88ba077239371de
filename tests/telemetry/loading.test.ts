import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/read-config.ts';
import { importsOf } from '../floors/imports.ts';

const src = fileURLToPath(new URL('../../src', import.meta.url));
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const textOf = (file: string) => readFileSync(join(src, file), 'utf8');
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

describe('the settings of tracing', () => {
  it('only src/telemetry imports OpenTelemetry, and only a traced service loads that folder', () => {
    const importing = sources.filter((file) =>
      importsOf(textOf(file)).some((name) => name.startsWith('@opentelemetry')),
    );
    const loading = sources.filter(
      (file) => !file.startsWith('telemetry/') && importsOf(textOf(file)).some((name) => name.includes('telemetry/')),
    );

    expect(importing.filter((file) => !file.startsWith('telemetry/'))).toEqual([]);
    expect(loading).toEqual(['serve.ts']);
    expect(textOf('serve.ts').match(/.*telemetry\/.*/g)).toEqual([expect.stringContaining('await import(')]);
  });

  it.each([{}, { ...endpoint, OTEL_SDK_DISABLED: 'true' }, { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }])(
    'tracing is off with %j',
    (environment) => {
      expect(readConfig(environment).telemetry).toBeUndefined();
    },
  );

  it('the standard variables decide where spans are sent and which traces are recorded', () => {
    expect(readConfig(endpoint).telemetry).toEqual({
      url: 'http://collector:4318/v1/traces',
      protocol: 'http/protobuf',
      headers: undefined,
      serviceName: 'tidings',
      sampler: 'parentbased_traceidratio',
      ratio: 0.02,
    });
    expect(
      readConfig({
        ...endpoint,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.com/in',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20secret',
        OTEL_SERVICE_NAME: 'notifications',
        OTEL_TRACES_SAMPLER: 'always_on',
      }).telemetry,
    ).toMatchObject({
      url: 'https://traces.example.com/in',
      protocol: 'http/json',
      headers: 'authorization=Bearer%20secret',
      serviceName: 'notifications',
      sampler: 'always_on',
    });
  });

  it('the refusal of an unsupported protocol names the supported ones', () => {
    expect(() => readConfig({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow(
      'OTEL_EXPORTER_OTLP_PROTOCOL: must be one of http/protobuf, http/json',
    );
  });
});
