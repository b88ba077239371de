import { describe, expect, it, jest } from '@jest/globals';
import { aReceiver } from '../dispatch/receiver.ts';
import { templates } from '../dispatch/stage.ts';
import { afterwards } from '../faults/afterwards.ts';
import { ask, dataOf } from '../faults/live-requests.ts';
import { startService } from '../faults/service.ts';
import { createMigratedDatabase } from '../support/database.ts';
import { aCollector } from './collector.ts';

jest.setTimeout(120_000);

describe('the trace of a delivery', () => {
  it('continues when the node that sends is killed and another node sends instead', async () => {
    const { url: databaseUrl, drop } = await createMigratedDatabase();
    afterwards(drop);
    const collector = await aCollector();
    afterwards(collector.close);
    let isFirstKilled = false;
    const receiver = await aReceiver((_request, response) => {
      if (isFirstKilled) response.writeHead(204).end();
    });
    afterwards(receiver.close);
    const environment = {
      DATABASE_URL: databaseUrl,
      WEBHOOK_ENDPOINT: receiver.url,
      NOTIFICATIONS_METHOD: 'webhook',
      INBOX_ENABLED: 'false',
      DISPATCH_TIMEOUT_MS: '1500',
      LEASE_PERIOD_MS: '2000',
      FETCH_INTERVAL_MS: '100',
      RETRY_INTERVAL_MS: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_BSP_SCHEDULE_DELAY: '1',
    };
    const first = startService(environment);
    const url = await first.url;
    const { users } = await dataOf(ask(url, '{ users(limit: 1) { id } }'));
    const data = { template: templates.test, recipients: [users[0].id] };
    await dataOf(
      ask(url, 'mutation ($data: send_notification_input!) { send_notification(data: $data) { id } }', { data }),
    );
    await receiver.received(1);
    const sent = await collector.until((spans) => spans.some(({ name }) => name === 'mutation send_notification'));
    const traceId = sent.find(({ name }) => name === 'mutation send_notification')?.traceId;

    first.child.kill('SIGKILL');
    await first.exited;
    isFirstKilled = true;
    await startService(environment).url;

    const isDelivered = ({ name, attributes }: (typeof sent)[number]) =>
      name === 'deliver webhook' && attributes['tidings.delivery.outcome'] === 'sent';
    const spans = await collector.until((all) => all.some(isDelivered));
    expect(spans.find(isDelivered)?.traceId).toBe(traceId);
    const traces = receiver.requests.map(({ headers }) => headers['traceparent']?.split('-')[1]);
    expect(traces.length).toBeGreaterThan(1);
    expect(new Set(traces)).toEqual(new Set([traceId]));
  });
});
