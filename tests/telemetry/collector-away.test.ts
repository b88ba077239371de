import type { ServerResponse } from 'node:http';
import { describe, expect, it, jest } from '@jest/globals';
import pino from 'pino';
import type { TelemetryConfig } from '../../src/config.ts';
import { startTelemetry } from '../../src/telemetry/start-telemetry.ts';
import { afterwards } from '../faults/afterwards.ts';
import { ask, dataOf } from '../faults/live-requests.ts';
import { startService } from '../faults/service.ts';
import { createMigratedDatabase } from '../support/database.ts';
import { aFreePort } from '../support/ports.ts';
import { aCollector } from './collector.ts';

jest.setTimeout(120_000);
// OpenTelemetry reads this variable itself: spans are sent at once.
process.env['OTEL_BSP_SCHEDULE_DELAY'] = '1';

/** The default sizes of the queue and of a batch. */
const queueSize = 2048;
const batchSize = 512;

const configFor = (url: string): TelemetryConfig => ({
  url,
  protocol: 'http/json',
  headers: 'authorization=Bearer%20the-token-of-the-collector',
  serviceName: 'tidings',
  sampler: 'always_on',
  ratio: 1,
});

/** A log, and the texts of what is logged. */
function aLog() {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  return { log, lines };
}

describe('a collector that does not answer', () => {
  it('a service without a collector works and stops as usual, and logs the outage once', async () => {
    const { url: databaseUrl, drop } = await createMigratedDatabase();
    afterwards(drop);
    const service = startService({
      DATABASE_URL: databaseUrl,
      DRAIN_MS: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await aFreePort()}`,
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_BSP_SCHEDULE_DELAY: '1',
      OTEL_EXPORTER_OTLP_TIMEOUT: '20',
    });
    const url = await service.url;
    const answered = async () => expect((await dataOf(ask(url, '{ users_me { id } }'))).users_me.id).toMatch(/./);

    await answered();
    await service.says(/spans cannot be exported and are dropped/);
    for (let time = 0; time < 20; time++) await answered();
    service.child.kill('SIGTERM');

    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(service.output().match(/spans cannot be exported/g)).toHaveLength(1);
    expect(service.output()).not.toMatch(/unhandled|"level":(50|60)/i);
  });

  it('spans are dropped beyond the size of the queue', async () => {
    const held: ServerResponse[] = [];
    let isHolding = true;
    const collector = await aCollector((response) => {
      if (isHolding) held.push(response);
      else response.writeHead(200).end('{}');
    });
    afterwards(collector.close);
    const { log } = aLog();
    const tracer = await startTelemetry(configFor(`${collector.url}/v1/traces`), log);

    for (let count = 0; count < 10_000; count++) tracer.start('work').end();
    await collector.until(() => held.length > 0);
    isHolding = false;
    for (const response of held) response.writeHead(200).end('{}');
    await collector.until((spans) => spans.length >= queueSize);
    await tracer.stop(30_000);

    expect(collector.spans.length).toBeLessThanOrEqual(queueSize + batchSize);
  });

  it('a stop does not wait for a collector that never answers', async () => {
    const collector = await aCollector(() => undefined);
    afterwards(collector.close);
    const { log, lines } = aLog();
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '1000';
    const tracer = await startTelemetry(configFor(`${collector.url}/v1/traces`), log);
    delete process.env['OTEL_EXPORTER_OTLP_TIMEOUT'];
    tracer.start('work').end();

    await expect(tracer.stop(50)).resolves.toBeUndefined();

    // Waits until the export has failed, so that it does not outlive the test environment.
    await collector.until(() => lines.length > 0);
  });

  it('an outage and its end are logged once each, without what the collector answered', async () => {
    let status = 400;
    const collector = await aCollector((response) => void response.writeHead(status).end('the-token-of-the-collector'));
    afterwards(collector.close);
    const { log, lines } = aLog();
    const tracer = await startTelemetry(configFor(`${collector.url}/v1/traces`), log);
    afterwards(() => tracer.stop(50));
    const untilPosts = async (count: number) => {
      tracer.start('work').end();
      await collector.until(() => collector.posts.length >= count);
    };

    await untilPosts(1);
    await untilPosts(2);
    await collector.until(() => lines.length > 0);
    status = 200;
    await untilPosts(3);
    await collector.until(() => lines.length > 1);

    expect(lines).toEqual(['spans cannot be exported and are dropped', 'spans are exported again']);
    expect(collector.posts[0]?.headers['authorization']).toBe('Bearer the-token-of-the-collector');
  });
});
