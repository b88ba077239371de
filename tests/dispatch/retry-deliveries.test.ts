import { afterEach, describe, expect, it } from '@jest/globals';
import { leaseDeliveries } from '../../src/dispatch/lease.ts';
import { retryDeliveries } from '../../src/dispatch/retry-deliveries.ts';
import { settle } from '../../src/dispatch/settle.ts';
import { duringOpenTransaction } from '../support/locks.ts';
import { aMethod, aStage, type Stage, short, templates } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com', INBOX_ENABLED: 'false' };
const unknown = '00000000-0000-4000-8000-000000000000';

const queued = () =>
  stage.db.query<{ id: string }>({ text: 'select delivery_id as id from queued_deliveries order by id', values: [] });

/** Creates five deliveries: one was sent, one failed, one expired, one was disabled by its user, and one is pending. */
async function oneOfEachStatus() {
  const people = await Promise.all(Array.from({ length: 5 }, async () => (await stage.aRecipient()).id));
  await stage.enqueue({ recipients: people });
  const lease = await leaseDeliveries(stage.prisma, { method: 'smtp', count: 4, notifier: 'node', periodMs: 60_000 });
  const [sent = '', failed = '', expired = '', disabled = ''] = lease.deliveries.map(({ id }) => id);
  await settle(
    stage.prisma,
    [
      { id: sent, lease, newStatus: { status: 'sent' } },
      { id: failed, lease, newStatus: { status: 'permanent_failure', reason: 'gone' } },
      { id: expired, lease, newStatus: { status: 'inhibited', reason: 'expired' } },
      { id: disabled, lease, newStatus: { status: 'inhibited', reason: 'disabled by user' } },
    ],
    [lease.id],
  );
  const [pending = ''] = (await queued()).map(({ id }) => id);
  return { sent, failed, expired, disabled, pending };
}

describe('retryDeliveries', () => {
  it('failed and expired deliveries are queued again under their ids as if new; others are not', async () => {
    stage = await aStage(smtp);
    const ids = await oneOfEachStatus();

    const again = await retryDeliveries(stage.admin, { ids: [...Object.values(ids), unknown] });

    expect(again).toEqual([ids.failed, ids.expired].sort());
    expect((await queued()).map(({ id }) => id)).toEqual([ids.failed, ids.expired, ids.pending].sort());
    const log = await stage.log();
    expect(log.filter(({ id }) => again.includes(id))).toEqual([
      expect.objectContaining({ status: 'pending', reason: null, attempts: 0 }),
      expect.objectContaining({ status: 'pending', reason: null, attempts: 0 }),
    ]);
    expect(log.find(({ id }) => id === ids.sent)).toMatchObject({ status: 'sent', attempts: 1 });
    const retried = await stage.db.query({ text: 'select from deliveries where retried_at is not null', values: [] });
    expect(retried).toHaveLength(2);
  });

  it('retried deliveries are sent immediately, under the same ids', async () => {
    stage = await aStage({ ...smtp, FETCH_INTERVAL_MS: '3600000' });
    const { failed, expired, pending } = await oneOfEachStatus();
    const method = aMethod('smtp');
    stage.start({ methods: [method] });
    await method.received(1);

    await retryDeliveries(stage.admin, { filter: {} });
    await method.received(3);
    await stage.settled(3);

    expect(method.messages.map(({ id }) => id).sort()).toEqual([failed, expired, pending].sort());
    expect(short(await stage.log())).toEqual(['smtp inhibited', 'smtp sent', 'smtp sent', 'smtp sent', 'smtp sent']);
  });

  it('deliveries to retry can be chosen by the filter of the delivery log', async () => {
    stage = await aStage(smtp);
    const { failed, expired } = await oneOfEachStatus();
    const retry = (filter: object) => retryDeliveries(stage.admin, { filter });

    expect(await retry({ method: ['webhook'] })).toEqual([]);
    expect(await retry({ user: unknown })).toEqual([]);
    expect(await retry({ status: ['sent', 'pending'] })).toEqual([]);
    expect(await retry({ status: ['inhibited'], template: templates.workspaceDeleted })).toEqual([expired]);
    expect(await retry({ status: ['permanent_failure'], method: ['smtp'] })).toEqual([failed]);
  });

  it('concurrent calls queue each delivery once', async () => {
    stage = await aStage(smtp);
    const { failed, expired, pending } = await oneOfEachStatus();

    const results = await Promise.all(Array.from({ length: 4 }, () => retryDeliveries(stage.admin, { filter: {} })));

    expect(results.flat().sort()).toEqual([failed, expired].sort());
    expect((await queued()).map(({ id }) => id)).toEqual([failed, expired, pending].sort());
  });

  it('deliveries that another call queued and sent meanwhile are skipped', async () => {
    stage = await aStage(smtp);
    const { failed } = await oneOfEachStatus();

    const again = await duringOpenTransaction(
      stage.db,
      (transaction) =>
        transaction.query({ text: `update deliveries set status = 'sent' where id = $1`, values: [failed] }),
      () => retryDeliveries(stage.admin, { ids: [failed] }),
    );

    expect(again).toEqual([]);
    expect((await queued()).map(({ id }) => id)).not.toContain(failed);
  });

  it('a retried delivery is removed from its lease, so that ending the lease does not queue it again', async () => {
    stage = await aStage(smtp);
    const people = await Promise.all([stage.aRecipient(), stage.aRecipient()]);
    await stage.enqueue({ recipients: people.map(({ id }) => id) });
    const request = { method: 'smtp', count: 10, notifier: 'node', periodMs: 60_000 } as const;
    const lease = await leaseDeliveries(stage.prisma, request);
    const [failed = '', other = ''] = lease.deliveries.map(({ id }) => id);
    await settle(stage.prisma, [{ id: failed, lease, newStatus: { status: 'permanent_failure', reason: 'gone' } }]);

    await retryDeliveries(stage.admin, { ids: [failed] });
    const next = await leaseDeliveries(stage.prisma, request);
    await settle(stage.prisma, [{ id: other, lease, newStatus: { status: 'sent' } }], [lease.id]);

    expect(next.deliveries.map(({ id }) => id)).toEqual([failed]);
    expect(await queued()).toEqual([]);
  });

  it('one call queues no more deliveries than one write may change, oldest first', async () => {
    stage = await aStage(smtp);
    const { failed, expired } = await oneOfEachStatus();
    const context = { ...stage.admin, limits: { ...stage.admin.limits, batchMax: 1 } };

    const rounds = [];
    for (let round = 0; round < 3; round++) rounds.push(await retryDeliveries(context, { filter: {} }));

    expect(rounds).toEqual([...[failed, expired].sort().map((id) => [id]), []]);
    await expect(retryDeliveries(context, { ids: [failed, expired] })).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
    });
  });

  it('retrying is refused to members, and if neither or both of ids and filter are given', async () => {
    stage = await aStage(smtp);
    const code = (code: string, field?: string) => ({ code, ...(field !== undefined && { extensions: { field } }) });
    const member = stage.contextOf(stage.bobby);

    await expect(retryDeliveries(member, { filter: {} })).rejects.toMatchObject(code('FORBIDDEN'));
    await expect(retryDeliveries(stage.admin, {})).rejects.toMatchObject(code('FAILED_VALIDATION', 'ids'));
    await expect(retryDeliveries(stage.admin, { ids: [], filter: {} })).rejects.toMatchObject(
      code('FAILED_VALIDATION', 'ids'),
    );
    await expect(retryDeliveries(stage.admin, { ids: ['x'] })).rejects.toMatchObject(code('FAILED_VALIDATION', 'ids'));
    await expect(retryDeliveries(stage.admin, { filter: { user: 'x' } })).rejects.toMatchObject(
      code('FAILED_VALIDATION', 'user'),
    );
  });
});
