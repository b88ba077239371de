import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import { sendCustomNotification, sendTestNotification } from '../../src/dispatch/send-to-self.ts';
import { failureOf } from '../notifications/people.ts';
import { deletionOf, duringOpenTransaction, renewalOf } from '../support/locks.ts';
import { aStage, type Stage, templates } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await aStage({ SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' });
});
afterAll(() => stage.close());

/** Row counts of the tables that enqueueing writes. */
async function stored() {
  const [counts] = await stage.db.query({
    text: 'select (select count(*) from deliveries) as deliveries, (select count(*) from payloads) as payloads',
    values: [],
  });
  return counts;
}

describe('a recipient who is deleted while a message to them is enqueued', () => {
  it.each([templates.workspaceDeleted, templates.passcode])(
    'enqueueing for a recipient deleted meanwhile is refused as for an unknown recipient, and stores nothing (%s)',
    async (template) => {
      const gone = await stage.aRecipient();
      const before = await stored();

      const failure = await failureOf(
        duringOpenTransaction(stage.db, deletionOf(gone.id), () =>
          stage.enqueue({
            template,
            labels: { name: 'dev', reason: 'r', one_time_passcode: uuid() },
            recipients: [stage.bobby.id, gone.id],
          }),
        ),
      );

      expect(failure).toMatchObject({ code: 'INVALID_FOREIGN_KEY', field: 'recipients', value: gone.id });
      expect(await stored()).toEqual(before);
    },
  );

  it('a message is enqueued if a user with the id of the deleted one exists again', async () => {
    const { id } = await stage.aRecipient();

    const { ids } = await duringOpenTransaction(stage.db, renewalOf(id), () => stage.enqueue({ recipients: [id] }));

    expect(ids).toEqual({ smtp: [expect.any(String)], inbox: [expect.any(String)] });
  });

  it('a user who is deleted meanwhile can send neither a test notification nor a custom one', async () => {
    const admin = await stage.aRecipient();
    const member = await stage.aRecipient();
    const before = await stored();

    const test = await failureOf(
      duringOpenTransaction(stage.db, deletionOf(admin.id), () =>
        sendTestNotification(stage.contextOf(admin, 'admin')),
      ),
    );
    const custom = await failureOf(
      duringOpenTransaction(stage.db, deletionOf(member.id), () =>
        sendCustomNotification(stage.contextOf(member), { title: 'a', message: 'b' }),
      ),
    );

    expect(test).toMatchObject({ code: 'INVALID_FOREIGN_KEY', field: 'recipients', value: admin.id });
    expect(custom).toMatchObject({ code: 'INVALID_FOREIGN_KEY', field: 'recipients', value: member.id });
    expect(await stored()).toEqual(before);
  });
});
