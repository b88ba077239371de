import { afterEach, describe, expect, it } from '@jest/globals';
import { createInbox } from '../../src/dispatch/methods/inbox.ts';
import type { BatchMethod } from '../../src/dispatch/methods/method.ts';
import { quietUntil, weekdays } from '../../src/preferences/quiet-hours.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { aMethod, aStage, type Stage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' };
const hourMs = 3_600_000;
const localTime = (moment: number) => new Date(moment).toISOString().slice(11, 16);

/** Quiet hours of Bobby, from an hour ago for two hours; returns their end. */
async function quietNow(breakthrough: readonly string[] = []): Promise<number> {
  const windows = [{ days: weekdays, from: localTime(Date.now() - hourMs), until: localTime(Date.now() + hourMs) }];
  await stage.db.query({
    text: `insert into quiet_hours (user_id, windows, breakthrough) values ($1, $2, $3)`,
    values: [stage.bobby.id, JSON.stringify(windows), breakthrough],
  });
  return quietUntil(new Date(), null, windows)?.getTime() ?? Number.NaN;
}

interface Held {
  readonly status: string;
  readonly status_reason: string;
  readonly rule: string;
  readonly attempt_count: number;
  readonly next: string;
  readonly age_from: string;
  readonly due: string;
}

const held = async (): Promise<Held | undefined> =>
  (
    await stage.db.query<Held>({
      text: `select deliveries.status, status_reason, rule, attempt_count, next_retry_after::text as next,
                    retried_at::text as age_from, due_at::text as due
             from deliveries join queued_deliveries on delivery_id = id where deliveries.method = 'smtp'`,
      values: [],
    })
  )[0];

function expectHeldUntil(row: Held | undefined, end: number): void {
  expect(row).toMatchObject({ status: 'pending', status_reason: 'quiet hours', rule: 'quiet_hours', attempt_count: 0 });
  // Held for up to a minute longer; its age counts from then.
  const due = Date.parse(row?.due ?? '');
  expect(due).toBeGreaterThanOrEqual(end - 1000);
  expect(due).toBeLessThanOrEqual(end + 61_000);
  expect([row?.next, row?.age_from]).toEqual([row?.due, row?.due]);
}

const endHold = async () => {
  await stage.db.query({ text: 'delete from quiet_hours', values: [] });
  await stage.db.query({ text: 'update queued_deliveries set due_at = now()', values: [] });
};

describe('quiet hours', () => {
  it('hold an e-mail when it is enqueued, but not the item of the inbox', async () => {
    stage = await aStage(smtp);
    const end = await quietNow();
    const mail = aMethod('smtp');
    const inbox = createInbox({ prisma: stage.prisma, bus: { publish: () => undefined }, now: () => new Date() });
    const { promise: arrived, resolve: onArrived } = promiseWithResolvers<void>();
    const delivered: BatchMethod['deliverMany'] = async (messages, lease) => {
      const outcomes = await inbox.deliverMany(messages, lease);
      onArrived();
      return outcomes;
    };
    await stage.enqueue();
    const dispatcher = stage.start({ methods: [mail, { ...inbox, deliverMany: delivered }] });

    await arrived;
    await dispatcher.stop();

    expectHeldUntil(await held(), end);
    expect(mail.messages).toEqual([]);
    expect(await stage.log()).toContainEqual(expect.objectContaining({ method: 'inbox', status: 'sent' }));
  });

  it('hold an e-mail that was enqueued before them when it is leased, and it is sent afterwards', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    await stage.enqueue();
    const end = await quietNow();
    const mail = aMethod('smtp');
    const first = stage.start({ methods: [mail] });
    await stage.settled(1);
    await first.stop();
    expectHeldUntil(await held(), end);

    await endHold();
    const second = stage.start({ methods: [mail] });
    await stage.settled(2);
    await second.stop();

    expect(mail.messages).toHaveLength(1);
    expect(await stage.log()).toMatchObject([{ status: 'sent', attempts: 1 }]);
  });

  it('do not hold messages of a category that breaks through', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    await stage.db.query({
      text: `insert into categories (key, name, default_channels) values ('alarms', 'Alarms', '{smtp}')`,
      values: [],
    });
    await stage.db.query({ text: `update templates set category_key = 'alarms'`, values: [] });
    await quietNow(['alarms']);
    const mail = aMethod('smtp');
    await stage.enqueue();
    const dispatcher = stage.start({ methods: [mail] });

    await stage.settled(1);
    await dispatcher.stop();

    expect(mail.messages).toHaveLength(1);
  });

  it('do not count towards the age of a message, which is held and not dropped', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false', MESSAGE_TTL_HOURS: '1' });
    await quietNow();
    await stage.enqueue();
    // As if it had been enqueued, and held, a day ago until now.
    await stage.db.query({
      text: `update deliveries set created_at = now() - interval '1 day', retried_at = now(), next_retry_after = now()`,
      values: [],
    });
    await endHold();
    const mail = aMethod('smtp');
    const dispatcher = stage.start({ methods: [mail] });

    await stage.settled(1);
    await dispatcher.stop();

    expect(await stage.log()).toMatchObject([{ status: 'sent' }]);
  });

  it('a message is decided again when it is leased: what was switched off meanwhile is left out', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    await stage.enqueue();
    await stage.db.query({
      text: `insert into choices (user_id, channel, is_on) values ($1, 'smtp', false)`,
      values: [stage.bobby.id],
    });
    const mail = aMethod('smtp');
    const dispatcher = stage.start({ methods: [mail] });

    await stage.settled(1);
    await dispatcher.stop();

    expect(mail.messages).toEqual([]);
    expect(await stage.log()).toMatchObject([{ status: 'inhibited', reason: 'disabled by user' }]);
    const [row] = await stage.db.query({ text: 'select rule from deliveries', values: [] });
    expect(row).toEqual({ rule: 'choice_channel' });
  });
});
