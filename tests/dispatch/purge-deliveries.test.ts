import { afterEach, describe, expect, it } from '@jest/globals';
import { takeLock } from '../../src/database/advisory-lock.ts';
import { inTransaction } from '../../src/database/in-transaction.ts';
import { lockKeys } from '../../src/database/lock-keys.ts';
import { idPrefix } from '../../src/dispatch/payload.ts';
import { purgeDeliveries } from '../../src/dispatch/purge-deliveries.ts';
import { aStage, type Stage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const dayMs = 24 * 60 * 60 * 1000;
const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com', INBOX_ENABLED: 'false' };

/** Backdates all rows by `days`. */
async function age(days: number): Promise<void> {
  const older = (id: string) => `overlay(${id}::text placing substr($1, 1, 13) from 1)::uuid`;
  const values = [idPrefix(new Date(Date.now() - days * dayMs))];
  await stage.db.query({ text: `update payloads set id = ${older('id')}`, values });
  await stage.db.query({ text: `update queued_deliveries set delivery_id = ${older('delivery_id')}`, values });
  await stage.db.query({
    text: `update deliveries
           set id = ${older('id')}, payload_id = ${older('payload_id')}, created_at = now() - $2::int * interval '1 day'`,
    values: [...values, days],
  });
}

/** Creates one delivery for each status. They were created `days` ago and reached the status `settledDays` ago. */
async function aged(statuses: readonly string[], { days, settledDays }: { days: number; settledDays: number }) {
  const people = await Promise.all(statuses.map(async () => (await stage.aRecipient()).id));
  await stage.enqueue({ recipients: people });
  await age(days);
  await stage.db.query({
    text: `update deliveries set status = given.status, updated_at = now() - $3::int * interval '1 day'
           from unnest($1::uuid[], $2::text[]) as given (user_id, status) where given.user_id = deliveries.user_id`,
    values: [people, statuses, settledDays],
  });
}

const left = async () => (await stage.log()).map(({ status }) => status).sort();

const statuses = ['inhibited', 'pending', 'permanent_failure', 'sent', 'temporary_failure', 'unknown'];

describe('purgeDeliveries', () => {
  it('old deliveries with a final status are deleted, unsettled ones are kept whatever their age', async () => {
    stage = await aStage(smtp);
    await aged(statuses, { days: 100, settledDays: 8 });

    expect(await purgeDeliveries(stage.prisma, 7)).toBe(4);
    expect(await left()).toEqual(['pending', 'temporary_failure']);
    expect(await purgeDeliveries(stage.prisma, 7)).toBe(0);
  });

  it('old deliveries are deleted while another node creates an index', async () => {
    stage = await aStage(smtp);
    await aged(['sent'], { days: 100, settledDays: 8 });

    const purged = await inTransaction(stage.prisma, async (transaction) => {
      await takeLock(transaction, lockKeys.onlineIndexes);
      return purgeDeliveries(stage.prisma, 7);
    });

    expect(purged).toBe(1);
  });

  it('the retention period starts at the last change of a delivery, not at its creation', async () => {
    stage = await aStage(smtp);
    await aged(statuses, { days: 100, settledDays: 6 });

    expect(await purgeDeliveries(stage.prisma, 7)).toBe(0);
    expect(await purgeDeliveries(stage.prisma, 5)).toBe(4);
  });

  it('a shared payload is deleted with the last delivery that references it', async () => {
    stage = await aStage(smtp);
    await aged(['sent', 'pending'], { days: 8, settledDays: 8 });
    const payloads = () => stage.db.query({ text: 'select id from payloads', values: [] });

    expect(await purgeDeliveries(stage.prisma, 7)).toBe(1);
    expect(await payloads()).toHaveLength(1);
    await stage.db.query({ text: `update deliveries set status = 'sent'`, values: [] });
    expect(await purgeDeliveries(stage.prisma, 7)).toBe(1);
    expect(await payloads()).toEqual([]);
  });
});
