import { afterEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.ts';
import type { Sql } from '../../src/database/sql.ts';
import { expireDeliveries } from '../../src/dispatch/expire-deliveries.ts';
import { leaseDeliveries } from '../../src/dispatch/lease.ts';
import { createMetrics } from '../../src/dispatch/metrics.ts';
import { idPrefix } from '../../src/dispatch/payload.ts';
import { expiredSinceSql } from '../../src/dispatch/sql/fragments.ts';
import { createMetricsPage } from '../../src/metrics/metrics-page.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { updateSettings } from '../../src/settings/write.ts';
import { aMethod, aStage, type Stage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const hourMs = 60 * 60 * 1000;
const ttlMs = 72 * hourMs;
const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' };
const request = { method: 'smtp', count: 100, notifier: 'node', periodMs: 60_000, ttlMs } as const;

/** Enqueues one message by SMTP and inbox, backdated by `hours`. */
async function enqueueAgo(hours: number): Promise<void> {
  const { ids } = await stage.enqueue();
  const values = [idPrefix(new Date(Date.now() - hours * hourMs)), Object.values(ids).flat()];
  const older = (id: string) => `overlay(${id}::text placing substr($1, 1, 13) from 1)::uuid`;
  await stage.db.query({
    text: `update queued_deliveries set delivery_id = ${older('delivery_id')} where delivery_id = any ($2::uuid[])`,
    values,
  });
  await stage.db.query({
    text: `update deliveries set id = ${older('id')}, created_at = now() - $3::float8 * interval '1 hour'
           where id = any ($2::uuid[])`,
    values: [...values, hours],
  });
}

/** Inserts a pause that began and ended this many hours ago; null if it has not ended. */
const aPause = (began: number, ended: number | null) =>
  stage.db.query({
    text: `insert into notifier_pauses
           values (now() - $1::float8 * interval '1 hour', now() - $2::float8 * interval '1 hour')`,
    values: [began, ended],
  });

const expire = async () => {
  const counts: Record<string, number> = {};
  await expireDeliveries(stage.prisma, ttlMs, {
    onExpired: (method, count) => {
      counts[method] = (counts[method] ?? 0) + count;
    },
    signal: new AbortController().signal,
  });
  return counts;
};

const queue = () => stage.db.query({ text: 'select delivery_id from queued_deliveries', values: [] });
const pauses = () =>
  stage.db.query<{ readonly has_ended: boolean }>({
    text: 'select ended_at is not null as has_ended from notifier_pauses order by started_at',
    values: [],
  });

describe('expireDeliveries', () => {
  it('deliveries of all methods that have waited too long are inhibited, younger ones are not', async () => {
    stage = await aStage(smtp);
    await enqueueAgo(73);
    await enqueueAgo(71);

    expect(await expire()).toEqual({ smtp: 1, inbox: 1 });
    expect(await expire()).toEqual({});

    expect((await stage.log()).map(({ status, reason, attempts }) => [status, reason, attempts])).toEqual([
      ['inhibited', 'expired', 0],
      ['inhibited', 'expired', 0],
      ['pending', null, 0],
      ['pending', null, 0],
    ]);
    expect(await queue()).toHaveLength(2);
  });

  it('pauses do not count towards the age of a delivery', async () => {
    stage = await aStage(smtp);
    await aPause(90, 80);
    await aPause(40, 30);
    await enqueueAgo(85);
    await enqueueAgo(92.5);
    await enqueueAgo(81.5);

    // Their ages in hours without pauses: 70, 72.5 and 71.5; the one made 85 hours ago was made during a pause.
    expect(await expire()).toEqual({ smtp: 1, inbox: 1 });
    const [oldest] = await stage.log();
    expect(oldest).toMatchObject({ status: 'inhibited', reason: 'expired' });
  });

  it('nothing expires while the notifier is paused; after the pause, ages continue to grow', async () => {
    stage = await aStage(smtp);
    await enqueueAgo(71.9);
    await enqueueAgo(73);
    await updateSettings(stage.admin, { notifier_paused: true });

    expect(await expire()).toEqual({});
    await stage.db.query({ text: `update notifier_pauses set started_at = now() - interval '5 hours'`, values: [] });
    await updateSettings(stage.admin, { notifier_paused: false });
    // The last five hours were all paused.
    expect(await expire()).toEqual({});
    await stage.db.query({ text: `update notifier_pauses set ended_at = started_at + interval '3 hours'`, values: [] });

    expect(await expire()).toEqual({});
    await stage.db.query({ text: 'delete from notifier_pauses', values: [] });
    expect(await expire()).toEqual({ smtp: 1, inbox: 1 });
  });

  it('the age of a delivery restarts when it is retried on request', async () => {
    stage = await aStage(smtp);
    await enqueueAgo(100);
    await stage.db.query({ text: `update deliveries set retried_at = now() - interval '1 hour'`, values: [] });

    expect(await expire()).toEqual({});
    expect((await leaseDeliveries(stage.prisma, request)).deliveries).toMatchObject([{ is_expired: false }]);
  });
});

describe('a message that is too old when it is leased', () => {
  it('a delivery that has expired when it is leased is inhibited and counted, not sent', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    const metrics = createMetrics(stage.prisma);
    const method = aMethod('smtp');
    const looked = promiseWithResolvers<void>();
    const db: Database = {
      ...stage.db,
      query: async <Row>(sql: Sql) => {
        const rows = await stage.db.query<Row>(sql);
        if (sql.name === 'expire_deliveries') looked.resolve();
        return rows;
      },
    };
    // The expiry job at start finds nothing, since nothing expires during a pause.
    await updateSettings(stage.admin, { notifier_paused: true });
    await enqueueAgo(73);
    await enqueueAgo(1);
    stage.start({ db, methods: [method], metrics });
    await looked.promise;
    await updateSettings(stage.admin, { notifier_paused: false });

    await stage.settled(2);

    expect((await stage.log()).map(({ status, reason }) => [status, reason])).toEqual([
      ['inhibited', 'expired'],
      ['sent', null],
    ]);
    expect(method.messages).toHaveLength(1);
    expect((await createMetricsPage(metrics.registry, [metrics.measureQueue])()).body).toContain(
      'tidings_notifications_expired_total{method="smtp"} 1',
    );
  });
});

describe('a pause', () => {
  it('a pause is recorded once, whichever statement writes the setting', async () => {
    stage = await aStage(smtp);
    const write = (text: string) => stage.db.query({ text, values: [] });

    await updateSettings(stage.admin, { notifier_paused: false });
    expect(await pauses()).toEqual([]);
    await updateSettings(stage.admin, { notifier_paused: true });
    await write(`update settings set value = value || '{"other": 1}'`);
    await write(`insert into settings values ('other', '{"notifier_paused": false}')`);
    expect(await pauses()).toEqual([{ has_ended: false }]);
    await write(`delete from settings where key = 'notifications'`);
    expect(await pauses()).toEqual([{ has_ended: true }]);
    await write(`insert into settings values ('notifications', '{"notifier_paused": true}')`);
    await updateSettings(stage.admin, { notifier_paused: false });
    expect(await pauses()).toEqual([{ has_ended: true }, { has_ended: true }]);
  });

  it('a pause moves the expiry threshold back', async () => {
    stage = await aStage(smtp);
    const hoursAgo = async () => {
      const [row] = await stage.db.query<{ hours: number }>({
        text: `select extract(epoch from now() - ${expiredSinceSql('$1')})::float8 / 3600 as hours`,
        values: [ttlMs],
      });
      return Math.round((row?.hours ?? 0) * 100) / 100;
    };

    expect(await hoursAgo()).toBe(72);
    await aPause(100, 90);
    expect(await hoursAgo()).toBe(72);
    await aPause(60, 40);
    // Without pauses the threshold would be 92 hours ago, inside the pause of 90 to 100 hours ago, which moves it back.
    expect(await hoursAgo()).toBe(102);
    await aPause(10, null);
    expect(await hoursAgo()).toBe(112);
  });
});
