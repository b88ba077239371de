import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createMetrics } from '../../src/dispatch/metrics.ts';
import { createMetricsPage } from '../../src/metrics/metrics-page.ts';
import { aReceiver, type Receiver } from './receiver.ts';
import { aStage, type Stage, short } from './stage.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

async function receiver(...args: Parameters<typeof aReceiver>): Promise<Receiver> {
  const made = await aReceiver(...args);
  cleanUps.push(made.close);
  return made;
}

async function aStageFor(endpoint: Receiver, more: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const stage = await aStage({
    WEBHOOK_ENDPOINT: endpoint.url,
    NOTIFICATIONS_METHOD: 'webhook',
    INBOX_ENABLED: 'false',
    MAX_SEND_ATTEMPTS: '1',
    ...more,
  });
  cleanUps.push(stage.close);
  return stage;
}

const recipients = async (stage: Stage, count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await stage.aRecipient()).id));

const askToWait = (response: ServerResponse, seconds?: string) =>
  void response.writeHead(429, seconds === undefined ? {} : { 'retry-after': seconds }).end();

describe('a receiver that asks to wait', () => {
  it('a rate-limited receiver gets every message once, about as fast as its limit allows', async () => {
    let tokens = 5;
    const accepted: (string | undefined)[] = [];
    const endpoint = await receiver(({ headers }, response) => {
      if (tokens < 1) return askToWait(response, '1');
      tokens -= 1;
      accepted.push(headers['x-message-id']);
      response.writeHead(204).end();
    });
    const refill = setInterval(() => {
      tokens = Math.min(5, tokens + 1);
    }, 5);
    const stage = await aStageFor(endpoint);
    const metrics = createMetrics(stage.prisma);
    await stage.enqueue({ recipients: await recipients(stage, 60) });

    stage.start({ metrics });
    await stage.settled(60);
    clearInterval(refill);

    const log = await stage.log();
    expect(short(log)).toEqual(Array.from({ length: 60 }, () => 'webhook sent'));
    expect(log.every(({ attempts }) => attempts === 1)).toBe(true);
    expect(new Set(accepted).size).toBe(60);
    expect(accepted).toHaveLength(60);
    const { body } = await createMetricsPage(metrics.registry, [metrics.measureQueue])();
    expect(body).toMatch(/tidings_notifications_wait_requests_total\{method="webhook"\} [1-9]/);
    expect(body).toMatch(/tidings_notifications_pauses_total\{method="webhook"\} [1-9]/);
    expect(body).not.toContain('result="temp_fail"');
  });

  it('a receiver that asked to wait gets nothing during the wait; deliveries enqueued meanwhile stay queued', async () => {
    const endpoint = await receiver((_request, response) => askToWait(response, '3600'));
    const stage = await aStageFor(endpoint);
    const dispatcher = stage.start();
    await stage.enqueue();
    await stage.settled(1);

    await stage.enqueue({ recipients: await recipients(stage, 10) });
    await dispatcher.stop();

    expect(endpoint.requests).toHaveLength(1);
    const log = await stage.log();
    expect(short(log)).toEqual(Array.from({ length: 11 }, () => 'webhook pending'));
    expect(log.every(({ attempts }) => attempts === 0)).toBe(true);
  });

  it('a receiver that asks to wait without saying how long is tried again', async () => {
    const endpoint = await receiver((_request, response, count) => {
      if (count === 1) askToWait(response);
      else response.writeHead(204).end();
    });
    const stage = await aStageFor(endpoint);
    stage.start();

    await stage.enqueue();
    await stage.settled(1);

    expect(await stage.log()).toMatchObject([{ status: 'sent', attempts: 1 }]);
    expect(endpoint.requests).toHaveLength(2);
  });

  it('a receiver that asked to wait does not delay other methods', async () => {
    const endpoint = await receiver((_request, response) => askToWait(response, '3600'));
    const stage = await aStageFor(endpoint, { INBOX_ENABLED: 'true' });
    const dispatcher = stage.start();

    await stage.enqueue({ recipients: await recipients(stage, 5) });
    await stage.settled(5);
    await stage.inboxed(5);
    await dispatcher.stop();

    expect(short(await stage.log())).toEqual([
      ...Array.from({ length: 5 }, () => 'inbox sent'),
      ...Array.from({ length: 5 }, () => 'webhook pending'),
    ]);
  });

  it('deliveries waiting for the end of a pause are returned to the queue when the dispatcher stops', async () => {
    const endpoint = await receiver((_request, response) => askToWait(response, '4'));
    const stage = await aStageFor(endpoint, { DISPATCH_CONCURRENCY: '1' });
    await stage.enqueue({ recipients: await recipients(stage, 20) });
    const dispatcher = stage.start();
    await endpoint.received(1);

    await dispatcher.stop();

    const leases = await stage.db.query({ text: 'select from delivery_leases', values: [] });
    const log = await stage.log();
    expect(leases).toEqual([]);
    expect(log.every(({ status, attempts }) => status === 'pending' && attempts === 0)).toBe(true);
  });
});
