import { describe, expect, it } from '@jest/globals';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const app = useTestApp();
const template = 'f517da0b-cdc9-410f-ab89-a86107c420ed';
const labels = { name: 'dev', reason: 'inactive' };
const document = `mutation ($data: send_notification_input!) {
  enqueue_notification(data: $data) { deliveries { user_id } skipped { recipient reason } } }`;
const enqueue = async (as: Person, data: object) =>
  (await graphql(app(), as, document, { data: { template, labels, dedupe: false, ...data } })).body;
const userWith = async (external_id: string) => {
  const query = `query ($filter: directus_users_filter) {
    users(filter: $filter) { id external_id email first_name language timezone } }`;
  const { body } = await graphql(app(), app().people.admin, query, { filter: { external_id: { _eq: external_id } } });
  return body.data.users[0];
};

describe('sending to users who are given with the message', () => {
  it('creates these users, and updates them with the next message', async () => {
    const { admin, alice } = app().people;
    const given = { external_id: 's-1', email: 's-1@example.com', first_name: 'Sue', language: 'de', timezone: 'UTC' };

    const first = await enqueue(admin, { recipients: [alice.id], users: [given] });
    const user = await userWith('s-1');
    const second = await enqueue(admin, { users: [{ external_id: 's-1', first_name: 'Susan' }] });

    expect(user).toMatchObject(given);
    const reached = first.data.enqueue_notification.deliveries.map(({ user_id }: { user_id: string }) => user_id);
    expect(new Set(reached)).toEqual(new Set([alice.id, user.id]));
    expect(second.data.enqueue_notification.deliveries[0].user_id).toBe(user.id);
    expect(await userWith('s-1')).toEqual({ ...user, first_name: 'Susan' });
  });

  it.each([
    [
      'an invalid user',
      { users: [{ external_id: 's-2' }, { external_id: 's-3', timezone: 'Mars' }] },
      'FAILED_VALIDATION',
    ],
    ['an unknown recipient', { recipients: ['nobody'], users: [{ external_id: 's-2' }] }, 'FAILED_VALIDATION'],
    [
      'an unknown template',
      { template: '00000000-0000-0000-0000-000000000404', users: [{ external_id: 's-2' }] },
      'INVALID_FOREIGN_KEY',
    ],
    ['neither recipients nor users', {}, 'FAILED_VALIDATION'],
  ])('stores neither users nor messages for %s', async (_title, data, code) => {
    const { errors } = await enqueue(app().people.admin, data);

    expect(errors).toMatchObject([{ extensions: { code } }]);
    expect(await userWith('s-2')).toBeUndefined();
  });

  it('is refused to those who may not manage users', async () => {
    const { errors } = await enqueue(app().people.alice, { users: [{ external_id: 's-4' }] });

    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});
