import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { WebSocket } from 'ws';
import { seedTemplates } from '../../../src/templates/system-templates.ts';
import { updateUsers } from '../../../src/users/write.ts';
import { type Person, useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { openWatch } from '../../support/coder-client.ts';
import { deliver, templates } from './support/items.ts';
import { adminClient, aMember } from './support/people.ts';

// The numbers in titles are those of the checklist in tests/conformance; cases 16 to 21 are here.

const publicUrl = 'https://tidings.example.com';
const app = useTestApp({ PUBLIC_URL: publicUrl });
beforeAll(() => seedTemplates(app().db.prisma));

const path = '/api/v2/notifications/inbox/watch';

function dial(headers: Record<string, string>, query = '') {
  return openWatch(new WebSocket(`${app().url.replace('http', 'ws')}${path}${query}`, { headers }));
}
const as = ({ token }: Person) => ({ 'coder-session-token': token });

describe('watching the inbox', () => {
  it.each([
    ['targets', 'targets=x', 'Query param "targets" has invalid values'],
    ['templates', 'templates=x', 'Query param "templates" has invalid values'],
    ['read_status', 'read_status=x', "should be any of 'all', 'read', 'unread'."],
    ['parameter of the list', `starting_before=${uuid()}`, '"starting_before" is not a valid query param'],
  ])(
    'a watch with an invalid %s is refused before the upgrade, with and without an upgrade request (16)',
    async (_what, query, text) => {
      const { alice } = app().people;

      const plain = await send(app(), `${path}?${query}`, { as: alice });

      expect(plain.status).toBe(400);
      expect(JSON.stringify(plain.body)).toContain(text.replaceAll('"', '\\"'));
      await expect(dial(as(alice), `?${query}`)).rejects.toMatchObject({
        status: 400,
        message: expect.stringContaining(text),
      });
    },
  );

  it('a watch without an upgrade request is answered 426', async () => {
    const reply = await send(app(), path, { as: app().people.alice });

    expect(reply).toMatchObject({ status: 426, body: { message: expect.any(String) } });
    expect(reply.headers.get('upgrade')).toBe('websocket');
  });

  it('a watch needs a session', async () => {
    expect(await send(app(), path)).toMatchObject({ status: 401 });
    await expect(dial({})).rejects.toMatchObject({ status: 401 });
    await expect(dial({ 'coder-session-token': 'wrong' })).rejects.toMatchObject({ status: 401 });
  });

  it('a watch sends a new item with its icon and the unread count (17)', async () => {
    const { client, person } = await aMember(app());
    const watch = await client.watchInboxNotifications();

    const id = await deliver(app(), person, { title: '# One', content: '*1*', template: templates.workspaceDeleted });
    const message = await watch.next();
    watch.close();

    const { notifications } = await client.getInboxNotifications();
    expect(message).toEqual({ notification: notifications[0], unread_count: 1 });
    expect(message.notification).toMatchObject({
      id,
      user_id: person.id,
      title: '# One',
      content: '*1*',
      icon: 'DEFAULT_ICON_WORKSPACE',
    });
  });

  it('a watch in the format plaintext sends text without Markdown (18)', async () => {
    const { client, person } = await aMember(app());
    const watch = await client.watchInboxNotifications({ format: 'plaintext' });

    const template = templates.workspaceDeleted;
    await deliver(app(), person, { title: '# Notification Title', content: 'This is the __content__.', template });
    const { notification } = await watch.next();
    await deliver(app(), person, { title: 'Use List<String> now', content: '<p>a</p><p>b</p>' });
    const { notification: written } = await watch.next();
    watch.close();

    expect(written).toMatchObject({ title: 'Use List<String> now', content: 'a\n\nb' });

    expect(notification).toMatchObject({ title: 'Notification Title', content: 'This is the content.' });
    expect(Object.keys(notification).sort()).toEqual(
      Object.keys((await client.getInboxNotifications()).notifications[0] ?? {}).sort(),
    );
  });

  it('a watch in any other format keeps Markdown', async () => {
    const { client, person } = await aMember(app());
    const watch = await client.watchInboxNotifications({ format: 'PLAINTEXT' });

    await deliver(app(), person, { title: '# Title' });

    expect((await watch.next()).notification.title).toBe('# Title');
    watch.close();
  });

  it('a watch filtered by template counts every unread item (19)', async () => {
    const { client, person } = await aMember(app());
    const watch = await client.watchInboxNotifications({ templates: templates.workspaceDeleted });

    await deliver(app(), person, { title: 'one', template: templates.workspaceDeleted });
    const first = await watch.next();
    await deliver(app(), person, { title: 'two', template: templates.userAccountCreated });
    await deliver(app(), person, { title: 'three', template: templates.workspaceDeleted });
    const second = await watch.next();
    watch.close();

    expect(first).toMatchObject({ notification: { title: 'one' }, unread_count: 1 });
    expect(second).toMatchObject({ notification: { title: 'three' }, unread_count: 3 });
  });

  it('a watch filtered by targets sends the items that have all of them (20)', async () => {
    const { client, person } = await aMember(app());
    const [wanted, also] = [uuid(), uuid()];
    const watch = await client.watchInboxNotifications({ targets: `${wanted},${also.toUpperCase()}` });

    await deliver(app(), person, { title: 'one', targets: [also, uuid(), wanted] });
    const first = await watch.next();
    await deliver(app(), person, { title: 'two', targets: [wanted] });
    await deliver(app(), person, { title: 'three', targets: [wanted, also] });
    const second = await watch.next();
    watch.close();

    expect(first).toMatchObject({ notification: { title: 'one' }, unread_count: 1 });
    expect(second).toMatchObject({ notification: { title: 'three' }, unread_count: 3 });
  });

  it.each([
    ['workspace', { template: templates.workspaceAutobuildFailed }, 'DEFAULT_ICON_WORKSPACE'],
    ['account', { template: templates.userAccountCreated }, 'DEFAULT_ICON_ACCOUNT'],
    ['template', { template: templates.templateDeleted }, 'DEFAULT_ICON_TEMPLATE'],
    ['other', { template: templates.testNotification }, 'DEFAULT_ICON_OTHER'],
    ['unknown', {}, 'DEFAULT_ICON_OTHER'],
    ['kept', { template: templates.templateDeleted, icon: '/emojis/1f600.png' }, '/emojis/1f600.png'],
  ])('a watch sends an item with the icon of its template (21): %s', async (_group, item, icon) => {
    const { client, person } = await aMember(app());
    const watch = await client.watchInboxNotifications({ read_status: 'unread' });

    await deliver(app(), person, item);

    expect((await watch.next()).notification.icon).toBe(icon);
    watch.close();
  });

  it('a watch sends only items of the viewer’s own inbox, also for admins', async () => {
    const { client, person } = await aMember(app());
    const { admin } = app().people;
    const watch = await adminClient(app()).watchInboxNotifications();

    const read = await deliver(app(), person);
    await client.updateInboxNotificationReadStatus(read, { is_read: true });
    await deliver(app(), admin, { status: 'archived' });
    const own = await deliver(app(), admin);
    await adminClient(app()).markAllInboxNotificationsAsRead();
    const next = await deliver(app(), admin);

    expect((await watch.next()).notification.id).toBe(own);
    expect(await watch.next()).toMatchObject({ notification: { id: next }, unread_count: 1 });
    watch.close();
  });

  it('a watch of read notifications sends nothing, because new ones are unread', async () => {
    const { client, person } = await aMember(app());
    const [read, all] = [
      await client.watchInboxNotifications({ read_status: 'read' }),
      await client.watchInboxNotifications({ read_status: 'all' }),
    ];
    let hasSent = false;
    void read.next().then(() => {
      hasSent = true;
    });

    await deliver(app(), person);
    await all.next();
    await deliver(app(), person);
    await all.next();

    expect(hasSent).toBe(false);
    read.close();
    all.close();
  });

  it('a watch sends many items in order', async () => {
    const { client, person } = await aMember(app());
    const watch = await client.watchInboxNotifications();

    const ids = [];
    for (let index = 0; index < 50; index += 1) ids.push(await deliver(app(), person));
    const received = [];
    for (let index = 0; index < 50; index += 1) received.push((await watch.next()).notification.id);
    watch.close();

    expect(received).toEqual(ids);
  });

  it('a watch is closed with 1008 when the client sends a message', async () => {
    const { person } = await aMember(app());
    const socket = new WebSocket(`${app().url.replace('http', 'ws')}${path}`, { headers: as(person) });
    const watch = await openWatch(socket);

    socket.send('{}');

    await expect(watch.closed).resolves.toBe(1008);
  });

  it('a watch is closed with 1008 when its session ends', async () => {
    const { client, person } = await aMember(app());
    const watch = await client.watchInboxNotifications();

    await updateUsers(app().contextOf(app().people.admin), [person.id], { token: 'another-token-of-theirs' });

    await expect(watch.closed).resolves.toBe(1008);
  });

  it('a watch accepts no sub-protocol', async () => {
    const { person } = await aMember(app());
    const socket = new WebSocket(`${app().url.replace('http', 'ws')}${path}`, 'chat', { headers: as(person) });

    await expect(openWatch(socket)).rejects.toThrow('no subprotocol');
  });

  it('an upgrade of an unknown path below /api/v2 is refused in Coder’s format', async () => {
    const socket = new WebSocket(`${app().url.replace('http', 'ws')}/api/v2/nope`, { headers: as(app().people.alice) });

    await expect(openWatch(socket)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('Route not found.'),
    });
  });
});

describe('watching from a browser', () => {
  const cookie = ({ token }: Person) => ({ cookie: `coder_session_token=${token}` });

  it.each([
    ['from the service’s own address', () => app().url],
    ['from the public URL', () => publicUrl],
  ])('a watch with the session cookie is accepted from a page loaded %s', async (_page, origin) => {
    const { person } = await aMember(app());
    const watch = await dial({ ...cookie(person), origin: origin() });

    const id = await deliver(app(), person);

    expect((await watch.next()).notification.id).toBe(id);
    watch.close();
  });

  it.each(['https://evil.example.com', 'https://tidings.example.com.evil.com', 'null', ''])(
    'a watch with the session cookie is refused to a page of another origin: %j',
    async (origin) => {
      const headers = { ...cookie(app().people.alice), origin };

      await expect(dial(headers)).rejects.toMatchObject({ status: 403, detail: expect.stringContaining(origin) });
    },
  );
});
