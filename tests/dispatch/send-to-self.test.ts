import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import { sendCustomNotification, sendTestNotification } from '../../src/dispatch/send-to-self.ts';
import { ConfigError } from '../../src/environment-faults.ts';
import { readConfig } from '../../src/read-config.ts';
import { failureOf } from '../notifications/people.ts';
import { adminWith, aStage, deliveriesOf, type Ids, type Stage, templates } from './stage.ts';

// The numbers in parentheses are cases of the checklist in tests/conformance/coder-checklist.test.ts.

let stage: Stage;
beforeAll(async () => {
  stage = await aStage({ SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' });
});
afterAll(() => stage.close());

const rowsOf = (ids: Ids) => deliveriesOf(stage.db, ids);

describe('sendTestNotification', () => {
  it('each test notification enqueues exactly one message of the test template (37)', async () => {
    const admin = adminWith(stage, ['inbox']);
    const first = await sendTestNotification({ ...admin, now: () => new Date('2026-11-22T10:00:00.000Z') });
    const second = await sendTestNotification({ ...admin, now: () => new Date('2026-11-22T10:00:00.001Z') });

    expect(first.ids.inbox).toHaveLength(1);
    expect(second.ids.inbox).toHaveLength(1);
    expect(await rowsOf(first.ids)).toMatchObject([
      { created_by: 'send-test-notification', payload: { notification_template_id: templates.test, labels: {} } },
    ]);
  });

  it('sending a test notification is for admins (38)', async () => {
    expect(await failureOf(sendTestNotification(stage.contextOf(stage.bobby)))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('sendCustomNotification', () => {
  it('a custom notification is sent to its author with their text (41)', async () => {
    const { ids } = await sendCustomNotification(stage.contextOf(stage.bobby), { title: 'Done', message: uuid() });

    const rows = await rowsOf(ids);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ created_by: stage.bobby.id, user_id: stage.bobby.id });
    expect(Object.keys(rows[0]?.payload['labels'] as object).toSorted()).toEqual(['custom_message', 'custom_title']);
  });

  it.each([
    ['title', { title: ' \n', message: 'x' }, 'required'],
    ['message', { title: 'x', message: '' }, 'required'],
    ['title', { title: undefined, message: 'x' }, 'required'],
    ['title', { title: 'ä'.repeat(61), message: 'x' }, 'length'],
    ['message', { title: 'x', message: 'x'.repeat(2001) }, 'length'],
    ['message', { title: 'x', message: 'x\0' }, 'string'],
  ])('a custom notification with an invalid %s is refused (39, %#)', async (field, words, type) => {
    const failure = failureOf(sendCustomNotification(stage.contextOf(stage.bobby), words));

    expect(await failure).toMatchObject({ code: 'FAILED_VALIDATION', field, type, reason: expect.any(String) });
  });

  it('a custom notification of exactly the allowed number of bytes is accepted', async () => {
    const words = { title: 'ä'.repeat(60), message: 'x'.repeat(2000) };

    expect((await sendCustomNotification(stage.contextOf(stage.bobby), words)).ids.inbox).toHaveLength(1);
  });
});

describe('the configuration', () => {
  it.each([
    ['the inbox as the default method (55)', { NOTIFICATIONS_METHOD: 'inbox' }, /NOTIFICATIONS_METHOD/],
    ['an unknown default method (55)', { NOTIFICATIONS_METHOD: 'pigeon' }, /NOTIFICATIONS_METHOD/],
    [
      'a dispatch timeout as long as the lease (48)',
      { DISPATCH_TIMEOUT_MS: '1000', LEASE_PERIOD_MS: '1000' },
      /DISPATCH_TIMEOUT_MS: must be shorter than LEASE_PERIOD_MS/,
    ],
    ['a mail server without a sender', { SMTP_URL: 'smtp://mail.example.com' }, /EMAIL_FROM: must be set/],
    ['a mail server that is not a URL', { SMTP_URL: 'mail.example.com', EMAIL_FROM: 'a@b' }, /SMTP_URL/],
    ['a malformed sender', { EMAIL_FROM: 'nobody' }, /EMAIL_FROM/],
    ['a group of senders', { EMAIL_FROM: 'Ops: ops@example.com, dev@example.com;' }, /EMAIL_FROM/],
    ['two senders', { EMAIL_FROM: 'Ops <ops@example.com>, Dev <dev@example.com>' }, /EMAIL_FROM/],
    ['two senders without names', { EMAIL_FROM: 'ops@example.com, dev@example.com' }, /EMAIL_FROM/],
    [
      'two senders of which the last has a name',
      { EMAIL_FROM: 'ops@example.com, Dev <dev@example.com>' },
      /EMAIL_FROM/,
    ],
    ['an address without a local part', { EMAIL_FROM: 'Ops <@example.com>' }, /EMAIL_FROM/],
    ['an address that ends in text', { EMAIL_FROM: 'Ops <ops@example.com> (x)' }, /EMAIL_FROM/],
    ['a sender with a second line', { EMAIL_FROM: 'A\r\nBcc: x@y <a@b>' }, /EMAIL_FROM/],
    ['a webhook over FTP', { WEBHOOK_ENDPOINT: 'ftp://example.com' }, /WEBHOOK_ENDPOINT/],
    ['a secret that is no base64', { WEBHOOK_SECRET: 'whsec_ß' }, /WEBHOOK_SECRET/],
  ])('refuses %s', (_what, environment, message) => {
    const read = () => readConfig(environment as Record<string, string>);

    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
  });

  it.each([{}, { APP_NAME: '', LOGO_URL: '' }])(
    'messages have a default application name and no logo if none are configured: %j (61)',
    (environment) => {
      expect(readConfig(environment).dispatch).toMatchObject({ appName: 'Tidings', logoUrl: undefined });
    },
  );
});
