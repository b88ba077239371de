import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const app = useTestApp();
const custom = '39b1e189-c857-4b0c-877a-511144c18516';
const text = { title: 'Maintenance tonight', message: 'We are back at **23:00**.' };
const send = `mutation ($data: send_notification_input!) {
  send_notification(data: $data) { user_id template_id method } }`;
const sendAs = async (name: 'admin' | 'alice', data: object) =>
  (await graphql(app(), app().people[name], send, { data: { recipients: [app().people.alice.id], ...data } })).body;

describe('sending a text of one’s own to users', () => {
  it('sends it by the template for such texts, once a day', async () => {
    const { alice, admin } = app().people;

    const first = await sendAs('admin', text);
    const labels = { custom_title: text.title, custom_message: text.message };
    const byTemplate = await sendAs('admin', { template: custom, labels });

    expect(first.data.send_notification).toEqual([{ user_id: alice.id, template_id: custom, method: 'inbox' }]);
    expect(byTemplate.data.send_notification).toEqual([]);
    const listed = await graphql(
      app(),
      admin,
      `mutation ($data: send_notification_input!) { enqueue_notification(data: $data) { skipped { reason } } }`,
      { data: { ...text, recipients: [alice.id] } },
    );
    expect(listed.body.data.enqueue_notification.skipped).toEqual([{ reason: 'already sent today' }]);
  });

  it.each([
    ['a template as well', { ...text, template: custom }, 'template', 'required'],
    ['neither text nor template', {}, 'template', 'required'],
    ['labels', { ...text, labels: { custom_title: 'x' } }, 'labels', 'template'],
    ['no message', { title: 'x' }, 'message', 'required'],
    ['a blank title', { title: ' ', message: 'x' }, 'title', 'required'],
    ['a title that is too long', { title: 'ä'.repeat(61), message: 'x' }, 'title', 'length'],
    ['a message that is too long', { title: 'x', message: 'x'.repeat(2001) }, 'message', 'length'],
  ])('refuses %s', async (_title, data, field, type) => {
    const { errors } = await sendAs('admin', data);

    expect(errors).toMatchObject([{ extensions: { code: 'FAILED_VALIDATION', field, type } }]);
  });

  it.each([
    ['a text', text],
    ['an invalid text', { title: '' }],
  ])('refuses %s from a member, whatever it is', async (_title, data) => {
    const { errors } = await sendAs('alice', data);

    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});
