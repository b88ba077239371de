import { describe, expect, it } from '@jest/globals';
import { deleteNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';
import { aClient, isLive, subjects, type Transport, until } from './stage.ts';

const markRead = 'mutation ($id: ID!) { set_notification_read_status(id: $id, is_read: true) { kind } }';
const archive = 'mutation ($id: ID!) { update_notifications_item(id: $id, data: { status: "archived" }) { id } }';

describe.each<Transport>(['websocket', 'sse'])('the client over %s', (transport) => {
  const app = useTestApp();

  it('the client shows new notifications, newest first, with true counts', async () => {
    const { inbox, write } = await aClient(app(), transport, { count: 2 });
    await until(inbox, isLive);

    await write(['new', 'newer']);

    const view = await until(inbox, ({ items }) => items.length === 4);
    expect(subjects(view)).toEqual(['newer', 'new', '1', '0']);
    expect(view).toMatchObject({ unread: 4, total: 4, hasMore: false });
  });

  it('the client follows notifications read, archived and deleted elsewhere', async () => {
    const { inbox, write, as } = await aClient(app(), transport);
    const [one = '', two = '', three = ''] = await write(['one', 'two', 'three']);
    await until(inbox, (view) => isLive(view) && view.items.length === 3);

    await as(markRead, { id: one });
    await as(archive, { id: two });
    await deleteNotifications(app().contextOf(app().people.admin), [Number(three)]);

    const view = await until(inbox, ({ items }) => items.length === 1 && items[0]?.read_at !== null);
    expect(subjects(view)).toEqual(['one']);
    expect(view).toMatchObject({ unread: 0, total: 1 });
  });

  it('the client resumes without a gap after its connection was cut', async () => {
    const { inbox, write, as, cut, block } = await aClient(app(), transport);
    const [one = '', two = ''] = await write(['one', 'two']);
    await until(inbox, (view) => isLive(view) && view.items.length === 2);

    block(true);
    cut();
    await until(inbox, ({ status }) => status === 'waiting');
    await as(markRead, { id: one });
    await as(archive, { id: two });
    await write(['three']);
    block(false);

    const view = await until(inbox, ({ items }) => items.some(({ subject }) => subject === 'three'));
    expect(subjects(view)).toEqual(['three', 'one']);
    expect(view).toMatchObject({ unread: 1, total: 2 });
  });

  it('the client reads the inbox again when its cursor is invalid', async () => {
    const other = await aClient(app(), transport);
    const { cursor: foreign = '' } = await until(other.inbox, isLive);
    const { inbox, as, oldest, cut, block, replaceCursor, write } = await aClient(app(), transport, { count: 2 });
    await until(inbox, isLive);

    block(true);
    cut();
    await until(inbox, ({ status }) => status === 'waiting');
    await as(archive, { id: oldest });
    replaceCursor(foreign);
    block(false);
    await until(inbox, ({ status }) => status === 'loading');

    expect(subjects(await until(inbox, ({ items }) => items.length === 1))).toEqual(['1']);
    await until(inbox, isLive);
    await write(['new']);
    expect(await until(inbox, ({ items }) => items.length === 2)).toMatchObject({ unread: 2, total: 2 });
  });

  it('the client shows a read mark immediately and keeps it when the stream confirms it', async () => {
    const { inbox } = await aClient(app(), transport, { count: 2 });
    const { items, cursor } = await until(inbox, isLive);

    const sent = inbox.setRead(items[0]?.id ?? '', true);
    expect(inbox.current().unread).toBe(1);
    await sent;

    const view = await until(inbox, (now) => now.cursor !== cursor);
    expect(view.unread).toBe(1);
    expect(view.items.map(({ read_at }) => read_at === null)).toEqual([false, true]);
  });

  it('the last of several read marks of one notification wins', async () => {
    const { inbox } = await aClient(app(), transport, { count: 1 });
    const { items } = await until(inbox, isLive);
    const key = items[0]?.id ?? '';

    await Promise.all([inbox.setRead(key, true), inbox.setRead(key, false), inbox.setRead(key, true)]);

    const view = await until(inbox, ({ unread }) => unread === 0);
    expect(view.items[0]?.read_at).not.toBeNull();
  });

  it('the client marks all notifications read immediately, also those not loaded', async () => {
    const { inbox, write } = await aClient(app(), transport, { count: 5, pageSize: 2 });
    expect(await until(inbox, isLive)).toMatchObject({ unread: 5, total: 5, hasMore: true });

    const sent = inbox.markAllRead();
    expect(inbox.current()).toMatchObject({ unread: 0, total: 5 });
    await sent;
    await write(['new']);

    const view = await until(inbox, ({ items, total, unread }) => items.length === 3 && total === 6 && unread === 1);
    expect(subjects(view)).toEqual(['new', '4', '3']);
  });

  it('the client archives immediately', async () => {
    const { inbox } = await aClient(app(), transport, { count: 2 });
    const { items } = await until(inbox, isLive);

    const sent = inbox.archive(items[0]?.id ?? '');
    expect(inbox.current()).toMatchObject({ items: [{ subject: '0' }], unread: 1, total: 1 });
    await sent;

    expect(await until(inbox, isLive)).toMatchObject({ items: [{ subject: '0' }], unread: 1, total: 1 });
  });

  it('the client rolls back a refused change and reports the error', async () => {
    const { inbox } = await aClient(app(), transport, { count: 2 });
    const before = await until(inbox, isLive);
    const keys = [before.items[0]?.id ?? ''];

    const refused = [inbox.change('delete', { keys }), inbox.change('snooze', { keys, until: new Date(0) })];
    expect(inbox.current()).toMatchObject({ unread: 1, total: 1, snoozed: 0 });

    await expect(refused[0]).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(refused[1]).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' });
    expect(inbox.current()).toEqual(before);
  });

  it('the client loads older pages and keeps changes received meanwhile', async () => {
    const { inbox, as } = await aClient(app(), transport, { count: 5, pageSize: 2 });
    await until(inbox, isLive);

    await inbox.loadMore();
    await inbox.loadMore();

    expect(inbox.current()).toMatchObject({ hasMore: false, total: 5 });
    expect(subjects(inbox.current())).toEqual(['4', '3', '2', '1', '0']);
    await as(archive, { id: inbox.current().items[4]?.id });
    expect(await until(inbox, ({ items }) => items.length === 4)).toMatchObject({ unread: 4, total: 4 });
  });

  it('the client updates its counts when notifications that are not loaded are removed', async () => {
    const { inbox, as, oldest } = await aClient(app(), transport, { count: 3, pageSize: 1 });
    await until(inbox, isLive);

    await as(archive, { id: oldest });

    expect(await until(inbox, ({ total }) => total === 2)).toMatchObject({ unread: 2, hasMore: true });
  });

  it('the client keeps only notifications that match its filter', async () => {
    const { inbox, write } = await aClient(app(), transport, { count: 2, filter: { read_status: 'unread' } });
    const { items } = await until(inbox, isLive);

    const sent = inbox.setRead(items[0]?.id ?? '', true);
    expect(subjects(inbox.current())).toEqual(['0']);
    await sent;
    await write(['new']);

    const view = await until(inbox, ({ items: now }) => now.some(({ subject }) => subject === 'new'));
    expect(subjects(view)).toEqual(['new', '0']);
    await until(inbox, ({ unread, total }) => unread === 2 && total === 3);
  });

  it('the client stops when its token is invalid', async () => {
    const { inbox } = await aClient(app(), transport, { token: 'nobody' });

    expect(await until(inbox, ({ status }) => status === 'refused')).toMatchObject({ items: [] });
  });
});
