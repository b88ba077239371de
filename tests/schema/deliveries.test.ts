import { describe, expect, it } from '@jest/globals';
import { createUsers } from '../../src/users/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

// The test service has no dispatcher, so deliveries stay `pending`; dispatch has its own tests.
describe('sending in GraphQL', () => {
  const app = useTestApp({ WEBHOOK_ENDPOINT: 'http://127.0.0.1:9/', NOTIFICATIONS_METHOD: 'webhook' });
  const deleted = 'f517da0b-cdc9-410f-ab89-a86107c420ed';
  const send = `mutation ($data: send_notification_input!) {
    send_notification(data: $data) { user_id method status attempt_count template_id } }`;
  const labels = { name: 'dev', reason: 'inactive' };
  let made = 0;

  const as = async (name: 'admin' | 'alice', document: string, variables?: Record<string, unknown>) =>
    (await graphql(app(), app().people[name], document, variables)).body;
  const newUsers = async (count = 1) => {
    const people = Array.from({ length: count }, () => ({ username: `recipient-${++made}` }));
    return createUsers(app().contextOf(app().people.admin), people);
  };

  it('sending enqueues one delivery for each recipient and method', async () => {
    const recipients = await newUsers(2);

    const { data } = await as('admin', send, { data: { template: deleted, recipients, labels } });

    const pending = { status: 'pending', attempt_count: 0, template_id: deleted };
    const expected = recipients.flatMap((user_id) =>
      ['inbox', 'webhook'].map((method) => ({ user_id, method, ...pending })),
    );
    expect(data.send_notification).toHaveLength(4);
    expect(data.send_notification).toEqual(expect.arrayContaining(expected));
  });

  it('sending returns each delivery’s recipient when only ids are selected', async () => {
    const recipients = await newUsers();

    const { data } = await as(
      'admin',
      'mutation ($data: send_notification_input!) { send_notification(data: $data) { id } }',
      { data: { template: deleted, recipients, labels } },
    );
    const ids = data.send_notification.map(({ id }: { id: string }) => id);
    const log = await as('admin', 'query ($user: ID) { notification_deliveries(filter: { user: $user }) { id } }', {
      user: recipients[0],
    });

    expect(log.data.notification_deliveries.map(({ id }: { id: string }) => id).sort()).toEqual(ids.sort());
  });

  it('the delivery log is newest first, in contiguous pages, and filtered', async () => {
    const [user = ''] = await newUsers();
    for (const name of ['one', 'two', 'three']) {
      await as('admin', send, { data: { template: deleted, recipients: [user], labels: { ...labels, name } } });
    }
    const page = async (after?: string) =>
      (
        await as(
          'admin',
          `query ($user: ID, $after: String) {
            notification_deliveries(filter: { user: $user, method: ["inbox"], status: ["pending"] }, limit: 2, after: $after) {
              id created_at } }`,
          { user, after },
        )
      ).data.notification_deliveries as { id: string; created_at: string }[];

    const first = await page();
    const second = await page(first[1]?.id);

    const times = [...first, ...second].map(({ created_at }) => created_at);
    expect(times).toHaveLength(3);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('admins can retry failed deliveries', async () => {
    const recipients = await newUsers();
    const retry = `mutation ($filter: notification_deliveries_filter) {
      retry_deliveries(filter: $filter) { id method status status_reason attempt_count } }`;
    const variables = { filter: { user: recipients[0], method: ['webhook'] } };
    await as('admin', send, { data: { template: deleted, recipients, labels } });
    await app().db.query({
      text: `update deliveries set status = 'permanent_failure', status_reason = 'gone', attempt_count = 5 where user_id = $1`,
      values: recipients,
    });

    const asMember = await as('alice', retry, variables);
    const { data } = await as('admin', retry, variables);
    const neither = await as('admin', 'mutation { retry_deliveries { id } }');

    expect(asMember.errors[0].extensions.code).toBe('FORBIDDEN');
    expect(data.retry_deliveries).toEqual([
      { id: expect.any(String), method: 'webhook', status: 'pending', status_reason: null, attempt_count: 0 },
    ]);
    expect(neither.errors[0].extensions).toMatchObject({ code: 'FAILED_VALIDATION', field: 'ids' });
  });

  it.each([
    ['an unknown template', { template: '00000000-0000-4000-8000-000000000000' }, 'INVALID_FOREIGN_KEY'],
    ['an unknown recipient', { recipients: ['00000000-0000-4000-8000-000000000000'] }, 'INVALID_FOREIGN_KEY'],
    ['a recipient that is no uuid', { recipients: ['alice'] }, 'FAILED_VALIDATION'],
    ['labels that are no texts', { labels: { name: { first: 'a' } } }, 'FAILED_VALIDATION'],
    ['targets that are no uuids', { targets: ['x'] }, 'FAILED_VALIDATION'],
  ])('sending refuses %s and enqueues nothing', async (_case, fault, code) => {
    const recipients = await newUsers();

    const { errors } = await as('admin', send, { data: { template: deleted, recipients, labels, ...fault } });
    const log = await as('admin', 'query ($user: ID) { notification_deliveries(filter: { user: $user }) { id } }', {
      user: recipients[0],
    });

    expect(errors).toMatchObject([{ extensions: { code } }]);
    expect(log.data.notification_deliveries).toEqual([]);
  });

  it('only admins send to others and read the delivery log', async () => {
    const recipients = await newUsers();

    const answers = [
      await as('alice', send, { data: { template: deleted, recipients, labels } }),
      await as('alice', '{ notification_deliveries { id } }'),
      await as('alice', 'mutation { send_test_notification }'),
    ];

    expect(answers.map(({ errors }) => errors[0].extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
  });

  it('any user can send themselves a custom message, once for the same text', async () => {
    const words = 'mutation { send_custom_notification(title: "Remember", message: "the milk") }';

    const first = await as('alice', words);
    const log = await as(
      'admin',
      'query ($user: ID) { notification_deliveries(filter: { user: $user }) { method created_by } }',
      {
        user: app().people.alice.id,
      },
    );

    expect(first.data).toEqual({ send_custom_notification: true });
    expect(log.data.notification_deliveries).toEqual(
      expect.arrayContaining([{ method: 'inbox', created_by: app().people.alice.id }]),
    );
  });

  it('lists the available methods', async () => {
    const { data } = await as('alice', '{ notification_dispatch_methods { available default configured } }');

    expect(data.notification_dispatch_methods).toEqual({
      available: ['smtp', 'webhook'],
      default: 'webhook',
      configured: ['webhook'],
    });
  });
});
