import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { createUsers } from '../../../src/users/write.ts';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';
import { deliver, deliverMany } from './support/items.ts';
import { adminClient, aMember } from './support/people.ts';

// The numbers in titles are those of the checklist in tests/conformance; cases 12 to 15 are here.

const app = useTestApp();

describe('the read status', () => {
  it('marking an item read and unread updates the unread count (12)', async () => {
    const { client, person } = await aMember(app());
    const [id = ''] = await deliverMany(app(), person, 20);

    const read = await client.updateInboxNotificationReadStatus(id, { is_read: true });
    const unread = await client.updateInboxNotificationReadStatus(id, { is_read: false });

    expect(read).toMatchObject({ notification: { id, read_at: expect.any(String) }, unread_count: 19 });
    expect(unread).toMatchObject({ notification: { id, read_at: null }, unread_count: 20 });
  });

  it('a body without is_read marks the item unread', async () => {
    const { client, person } = await aMember(app());
    const id = await deliver(app(), person);
    await client.updateInboxNotificationReadStatus(id, { is_read: true });

    const path = `/api/v2/notifications/inbox/${id}/read-status`;
    const replies = [];
    for (const body of ['{}', 'null', '{"is_read":null,"more":1}']) {
      replies.push(await send(app(), path, { as: person, method: 'PUT', body, headers: { 'content-type': 'x' } }));
    }

    for (const reply of replies) {
      expect(reply).toMatchObject({ status: 200, body: { notification: { read_at: null }, unread_count: 1 } });
    }
  });

  it('the read status is refused with 403 to a reader, and to a token without the scope', async () => {
    const { admin } = app().people;
    const token = 'the-token-of-a-reader';
    const reader = { email: 'reader@example.com', username: 'reader', role: 'reader', token };
    const [id = ''] = await createUsers(app().contextOf(admin), [reader]);
    const item = await deliver(app(), { id, token });
    const { person } = await aMember(app());
    const own = await deliver(app(), person);
    const create = `mutation { create_access_token(data: { user: "${person.id}", name: "log", scopes: [preferences] }) { token } }`;
    const limited = (await graphql(app(), admin, create)).body.data.create_access_token.token;

    for (const [key, secret] of [
      [item, token],
      [own, limited],
    ]) {
      const path = `/api/v2/notifications/inbox/${key}/read-status`;
      const as = { id: '', token: secret };
      const marked = await send(app(), path, { as, method: 'PUT', body: { is_read: true } });
      const all = await send(app(), '/api/v2/notifications/inbox/mark-all-as-read', { as, method: 'PUT' });

      expect([marked.status, marked.body.message]).toEqual([403, 'Forbidden.']);
      expect(marked.body).toEqual(all.body);
    }
  });

  it('the read status of a malformed id is refused (13)', async () => {
    const { client } = await aMember(app());

    const call = client.updateInboxNotificationReadStatus('xxx-xxx-xxx', { is_read: true });

    await expect(call).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('Invalid UUID "xxx-xxx-xxx"'),
      detail: 'invalid UUID length: 11',
    });
  });

  it.each(['unknown', 'of another user'])('the read status of an item that is %s is refused (14)', async (kind) => {
    const { client } = await aMember(app());
    const id = kind === 'unknown' ? uuid() : await deliver(app(), (await aMember(app())).person);

    const call = client.updateInboxNotificationReadStatus(id, { is_read: true });

    await expect(call).rejects.toMatchObject({
      status: 500,
      message: expect.stringContaining('Failed to update inbox notification read status'),
    });
  });

  it('an admin may mark the items of any user, and gets the admin’s own unread count', async () => {
    const { person } = await aMember(app());
    const [id = ''] = await deliverMany(app(), person, 3);
    await deliver(app(), app().people.admin);
    const admin = adminClient(app());

    const { notification, unread_count } = await admin.updateInboxNotificationReadStatus(id, { is_read: true });

    expect(notification).toMatchObject({ id, user_id: person.id, read_at: expect.any(String) });
    expect(unread_count).toBe(1);
    expect(unread_count).toBe((await admin.getInboxNotifications()).unread_count);
  });

  it('the id is checked before the body, and the body before the item', async () => {
    const { person } = await aMember(app());
    const put = (id: string, body: string) =>
      send(app(), `/api/v2/notifications/inbox/${id}/read-status`, { as: person, method: 'PUT', body });

    expect((await put('x', '')).body.message).toBe('Invalid UUID "x".');
    expect((await put(uuid(), '')).body).toEqual({ message: 'Request body must be valid JSON.', detail: 'EOF' });
    expect(await put(uuid(), '{"is_read":"yes"}')).toMatchObject({ status: 400 });
    expect(await put(uuid(), '{')).toMatchObject({ status: 400 });
    expect(await put(uuid(), '[]')).toMatchObject({ status: 400 });
  });
});

describe('marking all as read', () => {
  it('marking all as read keeps the items, and later ones are unread (15)', async () => {
    const { client, person } = await aMember(app());
    await deliverMany(app(), person, 20);

    await client.markAllInboxNotificationsAsRead();
    const marked = await client.getInboxNotifications();
    await deliverMany(app(), person, 10);
    const later = await client.getInboxNotifications();

    expect([marked.notifications.length, marked.unread_count]).toEqual([20, 0]);
    expect(marked.notifications.every(({ read_at }) => read_at !== null)).toBe(true);
    expect([later.notifications.length, later.unread_count]).toEqual([25, 10]);
  });

  it('marking all as read is answered 204 without unread items and with any body', async () => {
    const { person } = await aMember(app());
    const options = { as: person, method: 'PUT', body: 'not JSON' };

    const reply = await send(app(), '/api/v2/notifications/inbox/mark-all-as-read', options);

    expect(reply).toMatchObject({ status: 204, body: '' });
    expect(reply.headers.get('content-type')).toBeNull();
  });
});
