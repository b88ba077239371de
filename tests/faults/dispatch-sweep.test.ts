import { expect, it, jest } from '@jest/globals';
import type { Outcome } from '../../src/dispatch/methods/method.ts';
import { createMetrics } from '../../src/dispatch/metrics.ts';
import { sweepOrphans } from '../../src/dispatch/sweep-orphans.ts';
import { aMethod, aStage } from '../dispatch/stage.ts';
import { afterwards } from './afterwards.ts';
import { people, untilNothingIsLeft } from './dispatch-ends.ts';
import { randomFor, report, scale } from './live-figures.ts';

const messages = 10_000 * scale;
const sweepers = 3;

jest.setTimeout(60_000 + 60_000 * scale);

it('a sweep finds no orphan among deliveries that nodes send, retry and return meanwhile, and causes no duplicate', async () => {
  const random = randomFor('sweep');
  const stage = await aStage({
    WEBHOOK_ENDPOINT: 'http://127.0.0.1:1/',
    NOTIFICATIONS_METHOD: 'webhook',
    INBOX_ENABLED: 'false',
    LEASE_COUNT: '200',
    MAX_SEND_ATTEMPTS: '1000',
  });
  afterwards(stage.close);
  await stage.enqueue({ recipients: await people(stage.db, messages) });
  const sentTimes = new Map<string, number>();
  const deliver = async ({ id }: { readonly id: string }): Promise<Outcome> => {
    await new Promise(setImmediate);
    if (random.next() < 0.3) return { kind: 'retry', reason: 'not now' };
    sentTimes.set(id, (sentTimes.get(id) ?? 0) + 1);
    return { kind: 'sent' };
  };
  const metrics = createMetrics(stage.prisma);
  const stopping = new AbortController();
  let sweeps = 0;
  let orphans = 0;
  const sweeping = Array.from({ length: sweepers }, async () => {
    while (!stopping.signal.aborted) {
      const swept = await sweepOrphans(stage.prisma, { signal: stopping.signal });
      if (swept !== undefined) sweeps += 1;
      orphans += swept?.orphans ?? 0;
    }
  });

  const node = () => stage.start({ methods: [aMethod('webhook', deliver)], metrics });
  node();
  let other = node();
  // A dispatcher that stops returns its leased deliveries.
  for (let stops = 0; stops < 5 * scale; stops++) {
    await stage.settled(Math.floor((messages * (stops + 1)) / (5 * scale + 1)));
    await other.stop();
    other = node();
  }
  const open = await untilNothingIsLeft(stage.db);
  stopping.abort();
  await Promise.all(sweeping);

  expect(open.unsettled).toBe(0);
  expect(orphans).toBe(0);
  expect((await metrics.orphans.get()).values[0]?.value).toBe(0);
  expect(sentTimes.size).toBe(messages);
  expect([...sentTimes.values()].filter((times) => times > 1)).toEqual([]);
  expect(sweeps).toBeGreaterThan(0);
  report('sweeps at full speed', { messages, sweeps });
});
