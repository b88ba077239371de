import { beforeAll, describe, expect, it } from '@jest/globals';
import { seedTemplates } from '../../../src/templates/system-templates.ts';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';
import { aMember } from './support/people.ts';

const app = useTestApp();
beforeAll(() => seedTemplates(app().db.prisma));

describe('one notification', () => {
  it('one notification is the same on every face after each change', async () => {
    const { admin } = app().people;
    const { client, person } = await aMember(app());
    const state = async () => {
      const query = '{ inbox { unread_count total_count notifications { id uuid subject status read_at } } }';
      const { body } = await graphql(app(), person, query);
      return body.data.inbox;
    };
    const watch = await client.watchInboxNotifications({ read_status: 'unread' });

    const created = await send(app(), '/notifications', {
      as: admin,
      body: { recipient: person.id, sender: admin.id, subject: 'Build *done*', message: 'All __green__' },
    });
    const { id } = created.body.data;
    const sent = await watch.next();
    watch.close();
    const listed = await client.getInboxNotifications();
    const stateWhenNew = await state();

    expect(created.status).toBe(200);
    expect(listed).toEqual({ notifications: [sent.notification], unread_count: 1 });
    expect(sent).toMatchObject({
      notification: { user_id: person.id, title: 'Build *done*', content: 'All __green__', read_at: null },
      unread_count: 1,
    });
    expect(stateWhenNew).toEqual({
      unread_count: 1,
      total_count: 1,
      notifications: [
        { id: String(id), uuid: sent.notification.id, subject: 'Build *done*', status: 'inbox', read_at: null },
      ],
    });

    const read = await client.updateInboxNotificationReadStatus(sent.notification.id, { is_read: true });
    const stateWhenRead = await state();

    expect(read).toMatchObject({ notification: { id: sent.notification.id }, unread_count: 0 });
    expect(stateWhenRead).toMatchObject({
      unread_count: 0,
      total_count: 1,
      notifications: [{ read_at: read.notification.read_at }],
    });
    const onDirectus = await send(app(), `/notifications/${id}?fields=subject,status,read_at`, { as: person });
    expect(onDirectus.body).toEqual({
      data: { subject: 'Build *done*', status: 'inbox', read_at: read.notification.read_at },
    });

    await client.updateInboxNotificationReadStatus(sent.notification.id, { is_read: false });
    await client.markAllInboxNotificationsAsRead();
    expect(await state()).toMatchObject({ unread_count: 0, notifications: [{ read_at: expect.any(String) }] });

    await send(app(), `/notifications/${id}`, { as: person, method: 'PATCH', body: { status: 'archived' } });
    expect(await client.getInboxNotifications()).toEqual({ notifications: [], unread_count: 0 });
    expect(await state()).toEqual({ unread_count: 0, total_count: 0, notifications: [] });
  });
});
