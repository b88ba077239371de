import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NewMessage } from '../../src/dispatch/input.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { aMailServer, type MailServer } from './mail-server.ts';
import { aStage, baseUrl, type Stage, templates } from './stage.ts';

describe('the link of an e-mail to its notification', () => {
  let mailServer: MailServer;
  let stage: Stage | undefined;
  beforeEach(async () => {
    mailServer = await aMailServer();
  });
  afterEach(async () => {
    await stage?.close();
    await mailServer.close();
  });

  const aMailStage = async (environment: Readonly<Record<string, string>> = {}) => {
    stage = await aStage({ SMTP_URL: mailServer.url, EMAIL_FROM: 'no-reply@example.com', ...environment });
    return stage;
  };

  /** Sends the message, and returns the keys of notifications in the links of the text and of the HTML. */
  async function linked({ enqueue, start }: Stage, message?: Partial<NewMessage>): Promise<readonly string[]> {
    if (message !== undefined) await enqueue(message);
    start();
    await mailServer.received(1);
    const { text = '', html } = mailServer.mails[0] ?? {};
    return [...`${text}\n${html}`.matchAll(/\/inbox\/([\w-]+)/g)].map(([, key = '']) => key);
  }
  /** The id of the delivery to the inbox, which becomes the UUID of the notification. */
  const inboxId = async ({ log }: Stage) => (await log()).find(({ method }) => method === 'inbox')?.id;

  it('names the notification that the same message makes, also before it is there', async () => {
    const stage = await aMailStage();
    const keys = await linked(stage, {});

    expect(keys).toEqual([await inboxId(stage), await inboxId(stage)]);
  });

  it('differs for each recipient of one message', async () => {
    const { enqueue, bobby, aRecipient, log, ...stage } = await aMailStage();
    await enqueue({ recipients: [bobby.id, (await aRecipient()).id, (await aRecipient()).id] });
    stage.start();
    await mailServer.received(3);
    const inbox = (await log()).flatMap(({ id, method }) => (method === 'inbox' ? [id] : []));
    const keys = mailServer.mails.map(({ text }) => /\/inbox\/([\w-]+)/.exec(text ?? '')?.[1]);

    expect(keys.toSorted()).toEqual(inbox.toSorted());
    expect(new Set(keys).size).toBe(3);
  });

  it('names the notification that a person wrote', async () => {
    const stage = await aMailStage();
    const { bobby, contextOf, prisma } = stage;
    await createNotifications(contextOf(bobby, 'admin'), [{ recipient: bobby.id, subject: 'Hello' }]);
    const keys = await linked(stage);
    const { id } = await prisma.notification.findFirstOrThrow();

    expect(new Set(keys)).toEqual(new Set([String(id)]));
  });

  it('is left out when the user gets no notification', async () => {
    const stage = await aMailStage();
    const { bobby, prisma } = stage;
    await prisma.choice.create({ data: { user_id: bobby.id, channel: 'inbox', is_on: false } });

    expect(await linked(stage, {})).toEqual([]);
  });

  it('is left out of a passcode', async () => {
    const passcode = { template: templates.passcode, labels: { one_time_passcode: '123456' } };

    expect(await linked(await aMailStage(), passcode)).toEqual([]);
  });

  it('is left out where messages do not go to the inbox', async () => {
    expect(await linked(await aMailStage({ INBOX_ENABLED: 'false' }), {})).toEqual([]);
  });

  it('is left out with that to the preferences where no pages are served', async () => {
    const keys = await linked(await aMailStage({ SERVE_PAGES: 'false' }), {});

    expect(keys).toEqual([]);
    expect(mailServer.mails[0]?.text).not.toContain(`${baseUrl}/preferences`);
  });

  it('leads to the preferences otherwise', async () => {
    await linked(await aMailStage(), {});

    expect(mailServer.mails[0]?.text).toContain(`Preferences: ${baseUrl}/preferences\n`);
  });
});
