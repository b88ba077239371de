import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { expireLeases, leaseDeliveries } from '../../src/dispatch/lease.ts';
import { settle } from '../../src/dispatch/settle.ts';
import type { StatusUpdate } from '../../src/dispatch/sql/settle-deliveries.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { deletionOf, duringOpenTransaction } from '../support/locks.ts';
import { aMethod, aStage, type Stage, short } from './stage.ts';

// The numbers in parentheses are cases of the checklist in tests/conformance/coder-checklist.test.ts.

let stage: Stage;
afterEach(() => stage.close());

const queued = () =>
  stage.db.query({ text: 'select delivery_id as id from queued_deliveries order by id', values: [] });

const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' };

describe('a lease', () => {
  it('no delivery is leased to two nodes at the same time', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    const recipients = await Promise.all(Array.from({ length: 50 }, async () => (await stage.aRecipient()).id));
    await stage.enqueue({ recipients });
    const request = { method: 'smtp', count: 20, notifier: 'node', periodMs: 60_000 } as const;

    const leases = await Promise.all(Array.from({ length: 4 }, () => leaseDeliveries(stage.prisma, request)));

    const ids = leases.flatMap(({ deliveries }) => deliveries.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    const rest = await leaseDeliveries(stage.prisma, { ...request, count: 100 });
    expect(ids.length + rest.deliveries.length).toBe(50);
    expect((await leaseDeliveries(stage.prisma, request)).deliveries).toEqual([]);
  });

  it('a result of an expired lease does not overwrite the result of the next lease', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    await stage.enqueue();
    const request = { method: 'smtp', count: 1, notifier: 'node' } as const;
    const lost = await leaseDeliveries(stage.prisma, { ...request, periodMs: 0 });
    expect(await expireLeases(stage.prisma, 3)).toMatchObject({ ended: 1 });
    const next = await leaseDeliveries(stage.prisma, { ...request, periodMs: 60_000 });
    const [id = ''] = next.deliveries.map((row) => row.id);

    const stored = await settle(stage.prisma, [{ id, lease: lost, newStatus: { status: 'sent' } }]);
    const [line] = await stage.log();
    const afterwards = await settle(stage.prisma, [
      { id, lease: next, newStatus: { status: 'permanent_failure', reason: 'no' } },
    ]);

    expect(lost.deliveries[0]?.id).toBe(id);
    expect([stored.stored, afterwards.stored]).toEqual([0, 1]);
    expect(line).toMatchObject({ status: 'leased', leaseId: next.id, attempts: 0 });
    expect(short(await stage.log())).toEqual(['smtp permanent_failure']);
  });

  it('deleting a user removes their deliveries from leases, and late results store nothing', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    const other = await stage.aRecipient();
    await stage.enqueue({ recipients: [stage.bobby.id, other.id] });
    const lease = await leaseDeliveries(stage.prisma, {
      method: 'smtp',
      count: 2,
      notifier: 'node',
      periodMs: 60_000,
    });
    const results = lease.deliveries.map(({ id }) => ({ id, lease, newStatus: { status: 'sent' } as const }));
    const [kept] = lease.deliveries.filter(({ user }) => user.user_id === other.id);

    // The results are stored while the user is being deleted; the two must not deadlock.
    const settled = await duringOpenTransaction(stage.db, deletionOf(stage.bobby.id), () =>
      settle(stage.prisma, results),
    );

    expect(settled.stored).toBe(1);
    expect(await stage.log()).toEqual([expect.objectContaining({ id: kept?.id, status: 'sent' })]);
    expect(await queued()).toEqual([]);
  });

  it('storing a result twice, as after a lost response, has no further effect', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    const people = await Promise.all([stage.aRecipient(), stage.aRecipient(), stage.aRecipient()]);
    await stage.enqueue({ recipients: people.map(({ id }) => id) });
    const request = { method: 'smtp', count: 3, notifier: 'node', periodMs: 60_000 } as const;
    const lease = await leaseDeliveries(stage.prisma, request);
    const [sent, failed] = lease.deliveries.map(({ id }) => id);
    const results: StatusUpdate[] = [
      { id: sent ?? '', lease, newStatus: { status: 'sent' } },
      { id: failed ?? '', lease, newStatus: { status: 'temporary_failure', reason: 'not now', retryMs: 0 } },
    ];

    await settle(stage.prisma, results);
    const again = await leaseDeliveries(stage.prisma, request);
    const stored = await settle(stage.prisma, results);
    const storedAlone = await settle(stage.prisma, results.slice(0, 1));

    expect(again.deliveries.map(({ id }) => id)).toEqual([failed]);
    expect([stored.stored, storedAlone.stored]).toEqual([0, 0]);
    expect(await queued()).toEqual([]);
    const attempts = (await stage.log()).map((line) => [line.status, line.attempts]);
    expect(attempts.sort()).toEqual([
      ['leased', 0],
      ['leased', 1],
      ['sent', 1],
    ]);
  });

  it('deleting a user removes their deliveries from the queue', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    await stage.enqueue();
    await stage.db.transaction(deletionOf(stage.bobby.id));

    expect(await queued()).toEqual([]);
  });

  it('a dispatch timeout that exceeds the lease period is refused (48)', async () => {
    stage = await aStage();
    const config = { ...stage.config, timeoutMs: 1000, leasePeriodMs: 1000 };

    expect(() => stage.start({ config })).toThrow('must be shorter');
  });

  it('deliveries leased by a crashed node are sent by another one, with the same ids (47)', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    const { ids } = await stage.enqueue();
    const dead = await leaseDeliveries(stage.prisma, { method: 'smtp', count: 10, notifier: 'dead', periodMs: 50 });
    const method = aMethod('smtp');
    const dispatcher = stage.start({ methods: [method] });

    await method.received(1);
    await dispatcher.stop();

    expect(dead.deliveries.map(({ id }) => id)).toEqual(ids.smtp);
    expect(method.messages.map(({ id }) => id)).toEqual(ids.smtp);
    expect(short(await stage.log())).toEqual(['smtp sent']);
  });
});

describe('deliveries leased ahead', () => {
  it('deliveries leased ahead are returned immediately when the dispatcher stops', async () => {
    stage = await aStage({ ...smtp, DISPATCH_CONCURRENCY: '2', INBOX_ENABLED: 'false' });
    const recipients = await Promise.all(Array.from({ length: 400 }, async () => (await stage.aRecipient()).id));
    await stage.enqueue({ recipients });
    const gate = promiseWithResolvers<void>();
    // The first attempts end slowly enough that more deliveries are leased ahead; the others never end.
    const method = aMethod('smtp', async (_message, attempt) => {
      if (attempt > 200) await gate.promise;
      else await delay(3);
      return { kind: 'sent' };
    });
    const dispatcher = stage.start({ methods: [method] });
    await method.received(202);

    const stopped = dispatcher.stop();
    gate.resolve();
    await stopped;

    const log = await stage.log();
    expect(log.filter(({ status }) => status === 'sent')).toHaveLength(202);
    expect(log.filter(({ status }) => status === 'pending')).toHaveLength(198);
    expect(log.every(({ attempts, status }) => attempts === (status === 'sent' ? 1 : 0))).toBe(true);
  });
});
