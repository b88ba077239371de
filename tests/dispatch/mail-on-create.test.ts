import { afterEach, describe, expect, it } from '@jest/globals';
import { createNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { failureOf } from '../notifications/people.ts';
import { aMailServer, type MailServer } from './mail-server.ts';
import { aStage, type Stage, short, templates } from './stage.ts';

let stage: Stage;
let server: MailServer | undefined;
afterEach(async () => {
  await stage.close();
  await server?.close();
  server = undefined;
});

async function withMail(): Promise<MailServer> {
  server = await aMailServer();
  stage = await aStage({ SMTP_URL: server.url, EMAIL_FROM: 'no-reply@example.com' });
  return server;
}

const message = 'Have a [look](https://example.com/7)<script>alert(1)</script>\n\n**now**';

describe('an e-mail for a created notification', () => {
  it('the e-mail has the unchanged subject and the message as safe HTML', async () => {
    const { mails, received } = await withMail();
    const dispatcher = stage.start();

    const [row] = await createNotifications(stage.admin, [
      { recipient: stage.bobby.id, subject: 'You & <b>*me*</b>', message },
    ]);
    await received(1);
    await dispatcher.stop();

    expect(row?.template_id).toBe(templates.custom);
    expect(mails[0]?.subject).toBe('You & <b>*me*</b>');
    expect(mails[0]?.to).toMatchObject({ value: [{ address: 'bobby@example.com' }] });
    expect(mails[0]?.html).toContain('<p>Have a <a href="https://example.com/7">look</a></p>');
    expect(mails[0]?.html).toContain('<strong>now</strong>');
    expect(mails[0]?.html).not.toContain('script');
    expect(mails[0]?.text).toContain('Have a look (https://example.com/7)');
    expect(mails[0]?.text).not.toContain('Hi ');
    const [delivery] = await stage.db.query({ text: 'select notification_id, created_by from deliveries', values: [] });
    const { viewer } = stage.admin;
    expect(delivery).toEqual({ notification_id: row?.id, created_by: viewer.kind === 'user' ? viewer.id : '' });
    expect(short(await stage.log())).toEqual(['smtp sent']);
  });

  it('each recipient who wants e-mails gets one per notification, even with the same text', async () => {
    await withMail();
    const silent = await stage.aRecipient();
    const addressless = await stage.aRecipient({ email: '' });
    await stage.db.query({ text: 'update users set email_notifications = false where id = $1', values: [silent.id] });

    const rows = await createNotifications(
      stage.admin,
      [stage.bobby, silent, addressless, stage.bobby].map(({ id }) => ({ recipient: id, subject: 'Same' })),
    );
    await createNotifications(stage.admin, [{ id: 777, recipient: stage.bobby.id, subject: 'Same' }]);
    await createNotifications(stage.admin, [
      { id: 778, recipient: stage.bobby.id, subject: 'Same' },
      { recipient: silent.id, subject: 'Same' },
    ]);

    const queued = await stage.db.query<{ notification_id: number; user_id: string }>({
      text: 'select notification_id, user_id from deliveries order by notification_id',
      values: [],
    });
    expect(queued.map(({ user_id }) => user_id)).toEqual(Array.from({ length: 4 }, () => stage.bobby.id));
    expect(queued.map(({ notification_id }) => notification_id)).toEqual([rows[0]?.id, rows[3]?.id, 777, 778]);
  });

  it('the e-mail is enqueued in the transaction of its notification', async () => {
    await withMail();

    const failure = failureOf(
      createNotifications(stage.admin, [
        { recipient: stage.bobby.id, subject: 'x' },
        { recipient: '00000000-0000-4000-8000-000000000000', subject: 'x' },
      ]),
    );

    expect(await failure).toMatchObject({ code: 'INVALID_FOREIGN_KEY' });
    expect(await stage.log()).toEqual([]);
  });

  it('updating a notification sends no e-mail', async () => {
    await withMail();
    const carol = await stage.aRecipient();
    await stage.db.query({
      text: 'update users set email_notifications = false where id = $1',
      values: [stage.bobby.id],
    });
    const [row] = await createNotifications(stage.admin, [{ recipient: stage.bobby.id, subject: 'x' }]);

    await updateNotifications(stage.admin, [row?.id ?? 0], { recipient: carol.id, subject: 'y' });

    expect(await stage.log()).toEqual([]);
  });

  it('no e-mail is enqueued if no mail server is configured', async () => {
    stage = await aStage();

    const [row] = await createNotifications(stage.admin, [{ recipient: stage.bobby.id, subject: 'x' }]);

    expect(row?.template_id).toBe(templates.custom);
    expect(await stage.log()).toEqual([]);
  });

  it('the e-mail is inhibited after the recipient unsubscribed by the link in an earlier one', async () => {
    await withMail();
    await stage.db.query({
      text: 'insert into preferences (user_id, template_id, disabled) values ($1, $2, true)',
      values: [stage.bobby.id, templates.custom],
    });
    const dispatcher = stage.start();

    await createNotifications(stage.admin, [{ recipient: stage.bobby.id, subject: 'x' }]);
    await stage.settled(1);
    await dispatcher.stop();

    expect(short(await stage.log())).toEqual(['smtp inhibited']);
  });
});
