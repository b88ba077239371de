import { afterEach, describe, expect, it } from '@jest/globals';
import { expireLeases, leaseDeliveries } from '../../src/dispatch/lease.ts';
import { settle } from '../../src/dispatch/settle.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { aMethod, aStage, type Stage, short } from './stage.ts';

// A crashed node leaves its leases to expire, so a lease that is never settled simulates a crash.

let stage: Stage;
afterEach(() => stage.close());

const hook = { WEBHOOK_ENDPOINT: 'http://127.0.0.1:1/', NOTIFICATIONS_METHOD: 'webhook', INBOX_ENABLED: 'false' };
const most = 3;
const request = { method: 'webhook', count: 100, notifier: 'node', periodMs: 0 } as const;

async function enqueueMany(count: number): Promise<readonly string[]> {
  const people = await Promise.all(Array.from({ length: count }, async () => (await stage.aRecipient()).id));
  const { ids } = await stage.enqueue({ recipients: people });
  return ids.webhook ?? [];
}

/** Simulates nodes that crash when they send a delivery in `poison`. Returns how often each delivery was sent. */
async function sendUntilSettled(poison: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const sent = new Map<string, number>();
  for (;;) {
    await expireLeases(stage.prisma, most);
    const suspect = await leaseDeliveries(stage.prisma, { ...request, count: 1, isCrashSuspect: true });
    const lease =
      suspect.deliveries.length > 0 ? suspect : await leaseDeliveries(stage.prisma, { ...request, count: 50 });
    if (lease.deliveries.length === 0) return sent;
    for (const { id } of lease.deliveries) sent.set(id, (sent.get(id) ?? 0) + 1);
    if (lease.deliveries.some(({ id }) => poison.has(id))) continue;
    await settle(
      stage.prisma,
      lease.deliveries.map(({ id }) => ({ id, lease, newStatus: { status: 'sent' } })),
      [lease.id],
    );
  }
}

describe('a message that crashes its node', () => {
  it.each([1, 2])(
    'a message that crashes its node fails for good after a few leases, and no other message does (%s of 200)',
    async (count) => {
      stage = await aStage(hook);
      const ids = await enqueueMany(200);
      const poison = new Set([ids[70] ?? '', ids[71] ?? ''].slice(0, count));

      const sent = await sendUntilSettled(poison);

      const log = await stage.log();
      expect(log.filter(({ status }) => status === 'sent')).toHaveLength(200 - count);
      expect(log.filter(({ id }) => poison.has(id)).map(({ status, reason }) => ({ status, reason }))).toEqual(
        Array.from({ length: count }, () => ({
          status: 'permanent_failure',
          reason: 'the notifier ended without a result each of the last 3 times it sent this',
        })),
      );
      expect([...poison].map((id) => sent.get(id))).toEqual(Array.from({ length: count }, () => most));
    },
  );

  it('a result of any kind resets the count of lost leases', async () => {
    stage = await aStage(hook);
    const [id = ''] = await enqueueMany(1);
    const loseOne = async () => {
      const lease = await leaseDeliveries(stage.prisma, request);
      await expireLeases(stage.prisma, most);
      return lease;
    };

    await loseOne();
    const lease = await leaseDeliveries(stage.prisma, { ...request, periodMs: 60_000 });
    await settle(
      stage.prisma,
      [{ id, lease, newStatus: { status: 'temporary_failure', reason: 'no', retryMs: 0 } }],
      [lease.id],
    );

    expect(await lostLeases()).toEqual([0]);
  });

  it('a delivery returned without a result keeps its count of lost leases', async () => {
    stage = await aStage(hook);
    const [id = ''] = await enqueueMany(1);
    await leaseDeliveries(stage.prisma, request);
    await expireLeases(stage.prisma, most);
    const lease = await leaseDeliveries(stage.prisma, { ...request, periodMs: 60_000 });

    await settle(
      stage.prisma,
      [{ id, lease, newStatus: { status: 'pending', reason: 'the notifier stopped' } }],
      [lease.id],
    );

    expect(await lostLeases()).toEqual([1]);
  });
});

describe('a lease that expires while its node runs', () => {
  it('an expired lease does not count as lost once its node reports results', async () => {
    stage = await aStage(hook);
    const ids = await enqueueMany(2);
    const lost = await leaseDeliveries(stage.prisma, request);
    await expireLeases(stage.prisma, most);
    await leaseDeliveries(stage.prisma, { ...request, count: 1, periodMs: 60_000 });

    const results = ids.map((id) => ({ id, lease: lost, newStatus: { status: 'sent' } }) as const);
    expect(await settle(stage.prisma, results, [lost.id])).toEqual({ stored: 0, forgotten: 0 });
    await stage.prisma.queuedDelivery.resetLostLeases(ids);

    expect(await lostLeases()).toEqual([0]);
    const [lease] = await stage.db.query({ text: 'select lost_leases as lost from delivery_leases', values: [] });
    expect(lease).toEqual({ lost: {} });
  });
});

describe('a dispatcher', () => {
  it('suspect deliveries are sent one at a time with nothing else in progress', async () => {
    stage = await aStage({ ...hook, DISPATCH_CONCURRENCY: '10' });
    const suspects = new Set(await enqueueMany(5));
    for (let lost = 0; lost < 2; lost++) {
      await leaseDeliveries(stage.prisma, request);
      await expireLeases(stage.prisma, most);
    }
    await enqueueMany(30);
    const underWay = new Set<string>();
    const beside: number[] = [];
    const first = promiseWithResolvers<void>();
    const method = aMethod('webhook', async ({ id }) => {
      underWay.add(id);
      if (suspects.has(id)) beside.push(underWay.size);
      first.resolve();
      await new Promise(setImmediate);
      underWay.delete(id);
      return { kind: 'sent' };
    });
    stage.start({ methods: [method] });
    await first.promise;
    await enqueueMany(30);

    await stage.settled(65);

    expect(beside).toEqual([1, 1, 1, 1, 1]);
    expect(short(await stage.log())).toEqual(Array.from({ length: 65 }, () => 'webhook sent'));
  });

  it('a suspect that is leased when the dispatcher stops is returned to the queue', async () => {
    stage = await aStage(hook);
    await enqueueMany(3);
    for (let lost = 0; lost < 2; lost++) {
      await leaseDeliveries(stage.prisma, request);
      await expireLeases(stage.prisma, most);
    }
    const method = aMethod('webhook');
    const dispatcher = stage.start({ methods: [method] });
    await method.received(1);

    await dispatcher.stop();

    const sent = (await stage.log()).filter(({ status }) => status === 'sent').length;
    expect(sent).toBe(method.messages.length);
    expect((await stage.db.query({ text: 'select id from delivery_leases', values: [] })).length).toBe(0);
    expect(await lostLeases()).toEqual(Array.from({ length: 3 - sent }, () => 2));
  });
});

async function lostLeases(): Promise<number[]> {
  const rows = await stage.db.query<{ lost: number }>({
    text: 'select lost_leases as lost from queued_deliveries order by delivery_id',
    values: [],
  });
  return rows.map(({ lost }) => lost);
}
