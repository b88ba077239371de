import { afterEach, describe, expect, it } from '@jest/globals';
import { createInbox } from '../../src/dispatch/methods/inbox.ts';
import type { Outcome } from '../../src/dispatch/methods/method.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { aMethod, aStage, type Stage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com', INBOX_ENABLED: 'false' };
const ownAccountSuspended = '6a2f0609-9b69-4d36-a989-9f5925b6cbff';

const setStatus = (status: string) =>
  stage.db.query({ text: 'update users set status = $1 where id = $2', values: [status, stage.bobby.id] });
const results = async () => (await stage.log()).map(({ method, status, reason }) => ({ method, status, reason }));
const inhibited = { method: 'smtp', status: 'inhibited', reason: 'user is suspended' };

describe('mail to a suspended user', () => {
  it('mail enqueued before a user was suspended is not sent, and the delivery log says why', async () => {
    stage = await aStage(smtp);
    await stage.enqueue();
    await setStatus('suspended');
    const method = aMethod('smtp');
    const dispatcher = stage.start({ methods: [method] });

    await stage.settled(1);
    await dispatcher.stop();

    expect(method.messages).toEqual([]);
    expect(await results()).toEqual([inhibited]);
  });

  it('a notification created for a suspended user sends no mail', async () => {
    stage = await aStage(smtp);
    await setStatus('suspended');
    await createNotifications(stage.admin, [{ recipient: stage.bobby.id, subject: 'Hello' }]);
    const method = aMethod('smtp');
    const dispatcher = stage.start({ methods: [method] });

    await stage.settled(1);
    await dispatcher.stop();

    expect([method.messages, await results()]).toEqual([[], [inhibited]]);
  });

  it('mail is not retried if the user is suspended between two attempts', async () => {
    stage = await aStage({ ...smtp, RETRY_INTERVAL_MS: '1' });
    const method = aMethod('smtp', async (): Promise<Outcome> => {
      await setStatus('suspended');
      return { kind: 'retry', reason: 'not now' };
    });
    const dispatcher = stage.start({ methods: [method] });
    await stage.enqueue();

    await stage.settled(2);
    await dispatcher.stop();

    expect(method.messages).toHaveLength(1);
    expect(await results()).toEqual([inhibited]);
  });

  it('a suspension does not affect the inbox, other users, or mail after it is lifted', async () => {
    stage = await aStage({ ...smtp, INBOX_ENABLED: 'true' });
    const { prisma, admin } = stage;
    const other = await stage.aRecipient();
    await setStatus('suspended');
    const method = aMethod('smtp');
    const inbox = createInbox({ prisma, bus: admin.bus, now: admin.now });
    const dispatcher = stage.start({ methods: [method, inbox] });

    await stage.enqueue({ recipients: [stage.bobby.id, other.id] });
    await method.received(1);
    await stage.settled(2);
    await setStatus('active');
    await stage.enqueue();
    await method.received(2);
    await stage.inboxed(3);
    await dispatcher.stop();

    expect(method.messages.map(({ user }) => user.user_id)).toEqual([other.id, stage.bobby.id]);
    const notifications = await stage.db.query({
      text: 'select from notifications where recipient_id = $1',
      values: [stage.bobby.id],
    });
    expect(notifications.length).toBeGreaterThanOrEqual(1);
  });

  it('the mail about the suspension itself is sent', async () => {
    stage = await aStage(smtp);
    await setStatus('suspended');
    const method = aMethod('smtp');
    const dispatcher = stage.start({ methods: [method] });

    const labels = { suspended_account_name: 'bobby', initiator: 'Ada' };
    await stage.enqueue({ template: ownAccountSuspended, labels });
    await method.received(1);
    await dispatcher.stop();

    expect(await results()).toEqual([{ method: 'smtp', status: 'sent', reason: null }]);
  });
});
