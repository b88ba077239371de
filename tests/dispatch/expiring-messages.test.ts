import { afterEach, describe, expect, it } from '@jest/globals';
import { createInbox } from '../../src/dispatch/methods/inbox.ts';
import type { Outcome } from '../../src/dispatch/methods/method.ts';
import { inhibitExpired } from '../../src/dispatch/sql/inhibit-expired.ts';
import { runInboxTimers } from '../../src/notifications/inbox-timers.ts';
import { aMethod, aStage, type Stage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' };
const past = '2020-01-01T00:00:00.000Z';
const future = '2999-01-01T00:00:00.000Z';
const results = async () => (await stage.log()).map(({ method, status, reason }) => ({ method, status, reason }));

describe('a message that expires', () => {
  it('is not sent after its expiry', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'false' });
    await stage.enqueue({ expires_at: past });
    const method = aMethod('smtp');
    const dispatcher = stage.start({ methods: [method] });

    await stage.settled(1);
    await dispatcher.stop();

    expect([method.messages, await results()]).toEqual([
      [],
      [{ method: 'smtp', status: 'inhibited', reason: 'expired' }],
    ]);
  });

  it('becomes a notification that expires, and the expiry inhibits its mail that waits to be retried', async () => {
    stage = await aStage({ ...smtp, RETRY_INTERVAL_MS: '3600000' });
    const mail = aMethod('smtp', async (): Promise<Outcome> => ({ kind: 'retry', reason: 'not now' }));
    const { prisma, admin } = stage;
    const inbox = createInbox({ prisma, bus: admin.bus, now: () => new Date() });
    const delivered = new Promise<void>((resolve) => {
      admin.bus.follow(stage.bobby.id, { written: () => resolve(), interrupted: () => undefined });
    });
    const dispatcher = stage.start({ methods: [mail, inbox] });
    await stage.enqueue({ expires_at: future, on_expiry: 'delete' });
    await Promise.all([delivered, stage.settled(1)]);
    await dispatcher.stop();
    const rows = await stage.db.query({ text: 'select expires_at, on_expiry from notifications', values: [] });

    await runInboxTimers({ prisma, bus: admin.bus, now: () => new Date(future), inhibit: inhibitExpired });

    expect(rows).toEqual([{ expires_at: future, on_expiry: 'delete' }]);
    expect(await stage.db.query({ text: 'select from notifications', values: [] })).toEqual([]);
    expect((await results()).find(({ method }) => method === 'smtp')).toEqual({
      method: 'smtp',
      status: 'inhibited',
      reason: 'expired',
    });
  });
});
