import { describe, expect, it } from '@jest/globals';
import { deliver, templates } from '../faces/coder/support/items.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

const app = useTestApp();

const subjects = ['snake_case_x', 'Use List<String> now', '1. *not* a list', '# AT&amp;T \\_', '[a](b) `c` <b>d</b>'];

/** The subject fields of the notification with this key. */
async function shown(id: string) {
  const document = `{ notifications_by_id(id: "${id}") { subject subject_plain subject_format } }`;
  const { body } = await graphql(app(), app().people.admin, document);
  return body.data.notifications_by_id;
}

describe('the subject of a notification', () => {
  it.each(subjects)('a subject written on the Directus face is plain text: %s', async (subject) => {
    const { admin, bob } = app().people;
    const { body } = await send(app(), '/notifications', { as: admin, body: { recipient: bob.id, subject } });

    expect(await shown(body.data.id)).toEqual({ subject, subject_plain: subject, subject_format: 'text' });
  });

  it.each(subjects)('a subject of the custom template is plain text: %s', async (title) => {
    const uuid = await deliver(app(), app().people.bob, { title, template: templates.custom });
    const { body } = await graphql(app(), app().people.bob, '{ inbox(limit: 100) { notifications { id uuid } } }');
    const { id } = body.data.inbox.notifications.find((row: { uuid: string }) => row.uuid === uuid);

    expect(await shown(id)).toEqual({ subject: title, subject_plain: title, subject_format: 'text' });
  });

  it('a subject rendered by another template is Markdown until a person replaces it', async () => {
    const { admin, alice } = app().people;
    await deliver(app(), alice, { title: 'Built **dev\\_1**', template: templates.workspaceDeleted });
    const { body } = await graphql(app(), alice, '{ notifications(sort: "-id", limit: 1) { id } }');
    const [{ id }] = body.data.notifications;
    const before = await shown(id);
    await send(app(), `/notifications/${id}`, { as: admin, method: 'PATCH', body: { status: 'inbox' } });
    const untouched = await shown(id);
    await send(app(), `/notifications/${id}`, { as: admin, method: 'PATCH', body: { subject: 'a_b_c *d*' } });

    expect(before).toEqual({ subject: 'Built **dev\\_1**', subject_plain: 'Built dev_1', subject_format: 'markdown' });
    expect(untouched).toEqual(before);
    expect(await shown(id)).toEqual({ subject: 'a_b_c *d*', subject_plain: 'a_b_c *d*', subject_format: 'text' });
  });
});
