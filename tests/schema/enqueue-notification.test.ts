import { describe, expect, it } from '@jest/globals';
import { createUsers } from '../../src/users/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const app = useTestApp({ WEBHOOK_ENDPOINT: 'http://127.0.0.1:9/', NOTIFICATIONS_METHOD: 'webhook' });
const deleted = 'f517da0b-cdc9-410f-ab89-a86107c420ed';
const created = '281fdf73-c6d6-4cbb-8ff5-888baf8a2fff';
const labels = { name: 'dev', reason: 'inactive' };
let made = 0;

const run = async (document: string, data: object) =>
  (await graphql(app(), app().people.admin, document, { data })).body;
const send = (data: object) =>
  run('mutation ($data: send_notification_input!) { send_notification(data: $data) { user_id method } }', data);
const enqueue = async (data: object) => {
  const { data: answer, errors } = await run(
    `mutation ($data: send_notification_input!) { enqueue_notification(data: $data) {
       deliveries { user_id method status } skipped { recipient method reason } } }`,
    data,
  );
  return { ...answer?.enqueue_notification, ...(errors && { errors }) };
};
const newUser = async () => {
  const [id = ''] = await createUsers(app().contextOf(app().people.admin), [{ username: `enqueued-${++made}` }]);
  return id;
};
const deny = (user: string) =>
  app().db.query({
    text: 'insert into preferences (user_id, template_id, disabled) values ($1, $2, true)',
    values: [user, deleted],
  });

describe('send_notification', () => {
  it('send_notification returns only what was enqueued, and nothing for a repeat', async () => {
    const [first, second] = [await newUser(), await newUser()];
    const message = { template: deleted, labels };

    expect((await send({ ...message, recipients: [first] })).data.send_notification).toHaveLength(2);
    expect(await send({ ...message, recipients: [first] })).toEqual({ data: { send_notification: [] } });
    const { data } = await send({ ...message, recipients: [first, second] });
    expect(data.send_notification.map(({ user_id }: { user_id: string }) => user_id)).toEqual([second, second]);
  });

  it('send_notification sends again with dedupe: false', async () => {
    const recipients = [await newUser()];
    const message = { template: deleted, labels, recipients };
    await send(message);

    for (let time = 0; time < 2; time += 1) {
      expect((await send({ ...message, dedupe: false })).data.send_notification).toHaveLength(2);
    }
    expect((await send({ ...message, dedupe: true })).data.send_notification).toEqual([]);
    expect((await send({ ...message, dedupe: null })).data.send_notification).toEqual([]);
  });
});

describe('enqueue_notification', () => {
  it('enqueue_notification returns what was enqueued, and what was left out and why', async () => {
    const [sent, fresh, disabled] = [await newUser(), await newUser(), await newUser()];
    const message = { template: deleted, labels };
    await deny(disabled);
    const first = await enqueue({ ...message, recipients: [sent] });

    const both = await enqueue({ ...message, recipients: [sent, fresh, disabled] });

    const pending = (user_id: string) => ['inbox', 'webhook'].map((method) => ({ user_id, method, status: 'pending' }));
    expect(first).toEqual({ deliveries: expect.arrayContaining(pending(sent)), skipped: [] });
    expect(both.deliveries).toHaveLength(2);
    expect(both.deliveries).toEqual(expect.arrayContaining(pending(fresh)));
    expect(both.skipped).toHaveLength(3);
    expect(both.skipped).toEqual(
      expect.arrayContaining([
        { recipient: sent, method: 'inbox', reason: 'already sent today' },
        { recipient: sent, method: 'webhook', reason: 'already sent today' },
        { recipient: disabled, method: null, reason: 'disabled by the recipient' },
      ]),
    );
    expect(await enqueue({ ...message, recipients: [sent, sent], dedupe: false })).toMatchObject({ skipped: [] });
  });

  it('enqueue_notification returns the same for one recipient as for several', async () => {
    const [disabled, other] = [await newUser(), await newUser()];
    await deny(disabled);
    const ofCreated = { template: created, labels: { workspace: 'w', template: 't', version: 'v' } };

    expect(await enqueue({ template: deleted, labels, recipients: [disabled] })).toEqual({
      deliveries: [],
      skipped: [{ recipient: disabled, method: null, reason: 'disabled by the recipient' }],
    });
    expect(await enqueue({ ...ofCreated, recipients: [other] })).toEqual({
      deliveries: [],
      skipped: [{ recipient: other, method: null, reason: 'not enabled by the recipient' }],
    });
  });

  it('enqueue_notification is for admins and refuses what sending refuses', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    const document =
      'mutation ($data: send_notification_input!) { enqueue_notification(data: $data) { skipped { reason } } }';
    const data = { template: deleted, labels, recipients: [unknown] };

    const asMember = await graphql(app(), app().people.alice, document, { data });

    expect(asMember.body.errors[0].extensions.code).toBe('FORBIDDEN');
    expect((await enqueue(data)).errors[0].extensions.code).toBe('INVALID_FOREIGN_KEY');
  });
});

describe('labels', () => {
  it.each([
    [deleted, {}, ['name', 'reason']],
    [deleted, { name: 'dev' }, ['reason']],
    [created, { workspace: 'w', template: 't' }, ['version']],
    ['4e19c0ac-94e1-4532-9515-d1801aa283b2', { initiator: 'Ada' }, ['created_account_name']],
    ['39b1e189-c857-4b0c-877a-511144c18516', { custom_title: 'x' }, ['custom_message']],
  ])('labels that the title or body of %s requires are checked when sending: %j', async (template, given, missing) => {
    const recipients = [await newUser()];

    for (const { errors } of [
      await send({ template, recipients, labels: given }),
      await enqueue({ template, recipients, labels: given }),
    ]) {
      expect(errors).toMatchObject([{ extensions: { code: 'FAILED_VALIDATION', field: 'labels', missing } }]);
      for (const name of missing) expect(errors[0].message).toContain(`"${name}"`);
    }
  });

  it.each([
    ['include unknown ones', { ...labels, further: 'x', account_type: 'user' }],
    ['include one that the template uses under a condition', { ...labels, initiator: 'Ada' }],
    ['omit one that the template uses under a condition', labels],
    ['be empty', { name: '', reason: '' }],
  ])('labels may %s', async (_what, given) => {
    const recipients = [await newUser()];

    expect((await send({ template: deleted, recipients, labels: given })).data.send_notification).toHaveLength(2);
  });
});
