import { afterEach, describe, expect, it } from '@jest/globals';
import type { NewStatus } from '../../src/dispatch/delivery-status.ts';
import { expireLeases, type Lease, leaseDeliveries } from '../../src/dispatch/lease.ts';
import { settle } from '../../src/dispatch/settle.ts';
import type { StatusUpdate } from '../../src/dispatch/sql/settle-deliveries.ts';
import { sweepOrphans } from '../../src/dispatch/sweep-orphans.ts';
import { aMethod, aStage, type Stage, short } from './stage.ts';

// Results are committed asynchronously, so a crash of the database loses some that it has acknowledged.

let stage: Stage;
afterEach(() => stage.close());

const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com', INBOX_ENABLED: 'false' };
const request = { method: 'smtp', count: 100, notifier: 'node', periodMs: 60_000 } as const;
const failed: NewStatus = { status: 'temporary_failure', reason: 'not now', retryMs: 60_000 };

const queued = async () =>
  (
    await stage.db.query<{ id: string }>({
      text: 'select delivery_id as id from queued_deliveries order by id',
      values: [],
    })
  ).map(({ id }) => id);
const leases = () => stage.db.query({ text: 'select id from delivery_leases', values: [] });

async function enqueueMany(count: number): Promise<void> {
  const people = await Promise.all(Array.from({ length: count }, async () => (await stage.aRecipient()).id));
  await stage.enqueue({ recipients: people });
}

const resultOf = (lease: Lease, id: string, newStatus: NewStatus = { status: 'sent' }): StatusUpdate => ({
  id,
  lease,
  newStatus,
});

/** Restores deliveries as they were before their results were stored. */
async function forget(ids: readonly string[]): Promise<void> {
  await stage.db.query({
    text: `update deliveries set status = 'pending', status_reason = null, attempt_count = 0, updated_at = null
           where id = any ($1::uuid[])`,
    values: [ids],
  });
}

const sweep = () => sweepOrphans(stage.prisma, { signal: new AbortController().signal });

describe('a lease that ends', () => {
  it('ending a lease queues its deliveries whose results the database lost', async () => {
    stage = await aStage(smtp);
    await enqueueMany(5);
    const lease = await leaseDeliveries(stage.prisma, request);
    const [first = '', second = '', ...rest] = lease.deliveries.map(({ id }) => id);
    await settle(stage.prisma, [resultOf(lease, first), resultOf(lease, second)]);
    await forget([first]);

    const settled = await settle(
      stage.prisma,
      rest.map((id) => resultOf(lease, id)),
      [lease.id],
    );

    expect(settled).toEqual({ stored: 3, forgotten: 1 });
    expect(await queued()).toEqual([first]);
    expect(await leases()).toEqual([]);
    const again = await leaseDeliveries(stage.prisma, request);
    expect(again.deliveries.map(({ id }) => id)).toEqual([first]);
  });

  it('ending a lease queues both lost results and deliveries to retry', async () => {
    stage = await aStage(smtp);
    await enqueueMany(4);
    const lease = await leaseDeliveries(stage.prisma, request);
    const [first = '', second = '', third = '', fourth = ''] = lease.deliveries.map(({ id }) => id);
    await settle(stage.prisma, [resultOf(lease, first), resultOf(lease, second, failed)]);
    await forget([first]);

    const settled = await settle(stage.prisma, [resultOf(lease, third, failed), resultOf(lease, fourth)], [lease.id]);

    expect(settled).toEqual({ stored: 2, forgotten: 1 });
    expect(await queued()).toEqual([first, second, third].sort());
    expect(short(await stage.log())).toEqual([
      'smtp pending',
      'smtp sent',
      'smtp temporary_failure',
      'smtp temporary_failure',
    ]);
  });

  it('ending a lease without further results, as after an inbox batch, queues lost results', async () => {
    stage = await aStage(smtp);
    await enqueueMany(2);
    const lease = await leaseDeliveries(stage.prisma, request);
    const [first = '', second = ''] = lease.deliveries.map(({ id }) => id);
    await settle(stage.prisma, [resultOf(lease, first), resultOf(lease, second)]);
    await forget([second]);

    expect(await settle(stage.prisma, [], [lease.id])).toEqual({ stored: 0, forgotten: 1 });
    expect(await queued()).toEqual([second]);
  });

  it('ending a lease queues nothing if no result was lost', async () => {
    stage = await aStage(smtp);
    await enqueueMany(3);
    const lease = await leaseDeliveries(stage.prisma, request);
    const results = lease.deliveries.map(({ id }) => resultOf(lease, id));
    await settle(stage.prisma, results.slice(0, 2));

    expect(await settle(stage.prisma, results.slice(2), [lease.id])).toEqual({ stored: 1, forgotten: 0 });
    expect(await queued()).toEqual([]);
    expect(await sweep()).toMatchObject({ orphans: 0 });
  });

  it('an expired lease is ended and its lost results are queued', async () => {
    stage = await aStage(smtp);
    await enqueueMany(2);
    const lease = await leaseDeliveries(stage.prisma, { ...request, periodMs: 0 });
    const [first = '', second = ''] = lease.deliveries.map(({ id }) => id);
    await settle(stage.prisma, [resultOf(lease, first), resultOf(lease, second)]);
    await forget([first]);

    await expireLeases(stage.prisma, 3);

    expect(await queued()).toEqual([first]);
  });
});

describe('sweepOrphans', () => {
  it('a sweep queues unsettled deliveries that are in neither the queue nor a lease, with their due time', async () => {
    stage = await aStage(smtp);
    await enqueueMany(6);
    const lease = await leaseDeliveries(stage.prisma, { ...request, count: 4 });
    const [sent = '', retried = '', lost = '', held = ''] = lease.deliveries.map(({ id }) => id);
    await settle(stage.prisma, [resultOf(lease, sent), resultOf(lease, retried, failed)]);
    const before = await queued();
    await stage.db.query({
      text: 'update delivery_leases set delivery_ids = array_remove(delivery_ids, $1::uuid)',
      values: [lost],
    });
    await stage.db.query({ text: 'delete from queued_deliveries where delivery_id = $1', values: [retried] });

    expect(await sweep()).toMatchObject({ orphans: 2 });
    expect(await sweep()).toMatchObject({ orphans: 0 });

    expect(await queued()).toEqual([...before, lost].sort());
    expect(await queued()).not.toContain(held);
    const [due] = await stage.db.query({
      text: `select q.due_at = d.next_retry_after as is_due, q.status from queued_deliveries q join deliveries d on d.id = delivery_id
             where d.id = $1`,
      values: [retried],
    });
    expect(due).toEqual({ is_due: true, status: 'temporary_failure' });
  });

  it('a sweep starts at the given id and returns the id before which all deliveries are settled', async () => {
    stage = await aStage(smtp);
    await enqueueMany(3);
    const lease = await leaseDeliveries(stage.prisma, request);
    const [first = '', second = '', third = ''] = lease.deliveries.map(({ id }) => id).sort();
    await settle(stage.prisma, [resultOf(lease, first)]);

    const swept = await sweep();
    await settle(stage.prisma, [resultOf(lease, second), resultOf(lease, third)], [lease.id]);
    await forget([first, third]);
    const later = await sweepOrphans(stage.prisma, {
      from: swept?.settledBefore,
      signal: new AbortController().signal,
    });

    expect(swept?.settledBefore).toBe(second);
    expect(later).toMatchObject({ orphans: 1, settledBefore: third });
    expect(await queued()).toEqual([third]);
    expect(await sweep()).toMatchObject({ orphans: 1, settledBefore: first });
  });

  it('a sweep does nothing while another one is running', async () => {
    stage = await aStage(smtp);
    await enqueueMany(1);
    await stage.db.query({ text: 'delete from queued_deliveries', values: [] });

    await stage.db.transaction(async (transaction) => {
      await transaction.query({ text: 'select pg_advisory_xact_lock(7461006)', values: [] });
      expect(await sweep()).toBeUndefined();
    });
    expect(await sweep()).toMatchObject({ orphans: 1 });
  });

  it('a dispatcher sweeps at start, so that orphaned deliveries are sent', async () => {
    stage = await aStage(smtp);
    await enqueueMany(3);
    await stage.db.query({ text: 'delete from queued_deliveries', values: [] });
    const method = aMethod('smtp');
    stage.start({ methods: [method] });

    await method.received(3);
  });
});
