import { afterEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.ts';
import type { Sql } from '../../src/database/sql.ts';
import { createInbox } from '../../src/dispatch/methods/inbox.ts';
import type { Outcome } from '../../src/dispatch/methods/method.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { updateSettings } from '../../src/settings/write.ts';
import { aCounter, aMethod, aStage, type Stage, short, templates } from './stage.ts';

// The numbers in parentheses are cases of the checklist in tests/conformance/coder-checklist.test.ts.

let stage: Stage;
afterEach(() => stage.close());

const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' };
const webhook = { WEBHOOK_ENDPOINT: 'http://127.0.0.1:1', NOTIFICATIONS_METHOD: 'webhook' };
const failed: Outcome = { kind: 'retry', reason: 'not now' };

const inboxOf = ({ prisma, admin: { bus, now } }: Stage) => createInbox({ prisma, bus, now });

describe('the dispatcher', () => {
  it('the dispatcher sends messages, keeps failed ones for a retry, and delivers inbox copies (42)', async () => {
    stage = await aStage({ ...smtp, RETRY_INTERVAL_MS: '60000' });
    const method = aMethod('smtp', (_message, attempt) => (attempt === 1 ? { kind: 'sent' } : failed));
    const dispatcher = stage.start({ methods: [method, inboxOf(stage)] });

    await stage.enqueue();
    await method.received(1);
    await stage.enqueue();
    await method.received(2);
    await stage.inboxed(2);
    await dispatcher.stop();

    expect(short(await stage.log())).toEqual(['inbox sent', 'inbox sent', 'smtp sent', 'smtp temporary_failure']);
  });

  it('the dispatcher retries a message until it is sent (46)', async () => {
    stage = await aStage({ ...smtp, MAX_SEND_ATTEMPTS: '3' });
    const method = aMethod('smtp', (_message, attempt) => (attempt < 3 ? failed : { kind: 'sent' }));
    const dispatcher = stage.start({ methods: [method, inboxOf(stage)] });

    await stage.enqueue();
    await method.received(3);
    await stage.inboxed(1);
    await dispatcher.stop();

    expect(await stage.log()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ method: 'smtp', status: 'sent', attempts: 3, reason: null, leaseId: null }),
        expect.objectContaining({ method: 'inbox', status: 'sent', attempts: 1 }),
      ]),
    );
    expect(new Set(method.messages.map(({ id }) => id)).size).toBe(1);
  });

  it('a delivery fails for good after the last attempt, or immediately if no retry can succeed', async () => {
    stage = await aStage({ ...smtp, MAX_SEND_ATTEMPTS: '2', INBOX_ENABLED: 'false' });
    const hopeless = 'hopeless@example.com';
    const method = aMethod('smtp', ({ user }) =>
      user.user_email === hopeless ? { kind: 'failed', reason: 'never\0' } : failed,
    );
    const dispatcher = stage.start({ methods: [method] });

    const other = await stage.aRecipient({ email: hopeless });
    await stage.enqueue({ recipients: [stage.bobby.id, other.id] });
    await method.received(3);
    await dispatcher.stop();

    expect((await stage.log()).map(({ status, reason, attempts }) => ({ status, reason, attempts }))).toEqual(
      expect.arrayContaining([
        { status: 'permanent_failure', reason: 'not now', attempts: 2 },
        { status: 'permanent_failure', reason: 'never\uFFFD', attempts: 1 },
      ]),
    );
  });

  it('a retry waits for the retry interval, in addition to the time that the receiver asks for', async () => {
    stage = await aStage({ ...smtp, RETRY_INTERVAL_MS: '1000', INBOX_ENABLED: 'false', LEASE_COUNT: '1' });
    const method = aMethod('smtp', (_message, attempt) => (attempt === 1 ? failed : { ...failed, afterMs: 3_600_000 }));
    const dispatcher = stage.start({ methods: [method], random: () => 0.5 });

    await stage.enqueue();
    await stage.enqueue();
    await method.received(2);
    await dispatcher.stop();

    const waits = await stage.db.query<{ ms: number }>({
      text: `select extract(epoch from next_retry_after - updated_at)::float8 * 1000 as ms from deliveries order by ms`,
      values: [],
    });
    expect(waits.map(({ ms }) => Math.round(ms))).toEqual([1000, 3_601_000]);
  });

  it('a paused dispatcher delivers nothing, and everything once it is resumed (49)', async () => {
    stage = await aStage(smtp);
    await updateSettings(stage.admin, { notifier_paused: true });
    const method = aMethod('smtp');
    const leaseCalls = leases(stage.db);
    const dispatcher = stage.start({ db: leaseCalls.db, methods: [method, inboxOf(stage)] });

    await stage.enqueue();
    await leaseCalls.reached(8);
    const whilePaused = short(await stage.log());
    await updateSettings(stage.admin, { notifier_paused: false });
    await method.received(1);
    await stage.inboxed(1);
    await dispatcher.stop();

    expect(whilePaused).toEqual(['inbox pending', 'smtp pending']);
    expect(short(await stage.log())).toEqual(['inbox sent', 'smtp sent']);
  });

  it('a delivery is inhibited if its template was disabled after it was enqueued (52)', async () => {
    stage = await aStage(smtp);
    await stage.enqueue();
    await stage.db.query({
      text: 'insert into preferences (user_id, template_id, disabled) values ($1, $2, true)',
      values: [stage.bobby.id, templates.workspaceDeleted],
    });
    const method = aMethod('smtp');
    const dispatcher = stage.start({ methods: [method, inboxOf(stage)] });

    await stage.settled(2);
    await dispatcher.stop();

    expect(method.messages).toEqual([]);
    expect((await stage.log()).map(({ status, reason }) => ({ status, reason }))).toEqual([
      { status: 'inhibited', reason: 'disabled by user' },
      { status: 'inhibited', reason: 'disabled by user' },
    ]);
  });

  it('a template with a method of its own is sent by that method (53)', async () => {
    stage = await aStage({ ...smtp, ...webhook, NOTIFICATIONS_METHOD: 'smtp', INBOX_ENABLED: 'false' });
    await stage.db.query({
      text: `update templates set method = 'webhook' where id = $1`,
      values: [templates.workspaceDeleted],
    });
    const mail = aMethod('smtp');
    const hook = aMethod('webhook');
    const dispatcher = stage.start({ methods: [mail, hook] });

    await stage.enqueue();
    await stage.enqueue({ template: templates.test });
    await Promise.all([mail.received(1), hook.received(1)]);
    await dispatcher.stop();

    expect(hook.messages[0]?.templateId).toBe(templates.workspaceDeleted);
    expect(mail.messages[0]?.templateId).toBe(templates.test);
  });

  it('a delivery with a faulty template fails for good, and the reason names the fault', async () => {
    stage = await aStage({ ...smtp });
    await stage.enqueue();
    await stage.db.query({
      text: `update templates set body_template = E'fine\\n{% if %}' where id = $1`,
      values: [templates.workspaceDeleted],
    });
    const dispatcher = stage.start({ methods: [aMethod('smtp'), inboxOf(stage)] });

    await stage.settled(2);
    await dispatcher.stop();

    for (const line of await stage.log()) {
      expect(line).toMatchObject({ status: 'permanent_failure', attempts: 1 });
      expect(line.reason).toMatch(new RegExp(`template ${templates.workspaceDeleted}, body: line 2`));
    }
  });

  it('the dispatcher sends no more while results cannot be stored, and stores them all when it stops (45)', async () => {
    stage = await aStage({ ...smtp, DISPATCH_CONCURRENCY: '2', INBOX_ENABLED: 'false' });
    const recipients = await Promise.all(Array.from({ length: 10 }, async () => (await stage.aRecipient()).id));
    await stage.enqueue({ recipients });
    const gate = promiseWithResolvers<void>();
    const held: Database = {
      ...stage.db,
      query: async (sql) => {
        if (sql.name?.startsWith('settle_deliveries')) await gate.promise;
        return stage.db.query(sql);
      },
    };
    const method = aMethod('smtp');
    const dispatcher = stage.start({ db: held, methods: [method] });

    await method.received(4);
    const whileHeld = method.messages.length;
    gate.resolve();
    await method.received(10);
    await dispatcher.stop();

    // Two attempts run at a time, and eight results per slot may be buffered.
    expect(whileHeld).toBe(4);
    expect(short(await stage.log())).toEqual(Array.from({ length: 10 }, () => 'smtp sent'));
  });

  it('attempts that hang delay neither other methods nor other messages of their method', async () => {
    stage = await aStage({
      ...smtp,
      DISPATCH_TIMEOUT_MS: '100',
      DISPATCH_CONCURRENCY: '2',
      RETRY_INTERVAL_MS: '60000',
    });
    const hanging = await stage.aRecipient({ email: 'hangs@example.com' });
    const aborted: boolean[] = [];
    const method = aMethod('smtp', ({ user }, _attempt, signal) => {
      if (user.user_email !== hanging.email) return { kind: 'sent' };
      signal.addEventListener('abort', () => aborted.push(true));
      return new Promise(() => undefined);
    });
    const dispatcher = stage.start({ methods: [method, inboxOf(stage)] });

    await stage.enqueue({ recipients: [hanging.id] });
    const others = await Promise.all(Array.from({ length: 5 }, async () => (await stage.aRecipient()).id));
    await stage.enqueue({ recipients: others });
    await method.received(6);
    await stage.inboxed(6);
    await dispatcher.stop();

    expect(aborted).toEqual([true]);
    const log = await stage.log();
    expect(log.filter(({ status }) => status === 'sent')).toHaveLength(11);
    expect(log.find(({ status }) => status !== 'sent')).toMatchObject({
      status: 'temporary_failure',
      reason: 'no response within 100 ms',
    });
  });

  it('the dispatcher continues after an error of a method or of the database', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    let faults = 2;
    const flaky: Database = {
      ...stage.db,
      query: async (sql) => {
        if (sql.name?.startsWith('settle_deliveries') && faults-- > 0) throw new Error('gone');
        return stage.db.query(sql);
      },
    };
    const method = aMethod('smtp', (_message, attempt) => {
      if (attempt === 1) throw new Error('a fault of its own');
      return { kind: 'sent' };
    });
    const dispatcher = stage.start({ db: flaky, methods: [method] });

    await stage.enqueue();
    await method.received(2);
    await dispatcher.stop();

    expect(short(await stage.log())).toEqual(['smtp sent']);
  });

  it('the dispatcher can be stopped before it ran, while it starts, and twice (59)', async () => {
    stage = await aStage(smtp);
    const dispatcher = stage.start({ methods: [aMethod('smtp')] });

    const stopped = Promise.all([dispatcher.stop(), dispatcher.stop(), stage.enqueue()]);

    await stopped;
    expect(dispatcher.isRunning()).toBe(false);
    expect(short(await stage.log())).toEqual(['inbox pending', 'smtp pending']);
  });
});

/** Wraps the database and counts lease statements. */
function leases(db: Database) {
  const leaseCalls = aCounter();
  const counted: Database = {
    ...db,
    query: async <Row>(sql: Sql) => {
      if (sql.name === 'lease_deliveries') leaseCalls.add();
      return db.query<Row>(sql);
    },
  };
  return { db: counted, reached: leaseCalls.reached };
}
