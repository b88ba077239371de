import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { seedTemplates } from '../../../src/templates/system-templates.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { whileStatements } from '../../support/statements.ts';
import { deliver, deliverMany, templates } from './support/items.ts';
import { aMember } from './support/people.ts';

// The numbers in titles are those of the checklist in tests/conformance; cases 1 to 11 are here.

const app = useTestApp();
beforeAll(() => seedTemplates(app().db.prisma));

const idsOf = ({ notifications }: { readonly notifications: readonly { readonly id: string }[] }) =>
  notifications.map(({ id }) => id);

describe('listing the inbox', () => {
  it.each([
    ['malformed targets (1, 5)', 'targets=xxx', 'Query param "targets" has invalid values'],
    ['malformed templates (2, 5)', 'templates=xxx', 'Query param "templates" has invalid values'],
    ['a malformed starting_before (4, 5)', 'starting_before=xxx', 'Query param "starting_before" must be a valid uuid'],
  ])('the inbox refuses %s, without items or count', async (_case, query, text) => {
    const { person } = await aMember(app());
    await deliver(app(), person);

    const reply = await send(app(), `/api/v2/notifications/inbox?${query}`, { as: person });

    expect(reply).toMatchObject({ status: 400, body: { message: 'Query parameters have invalid values.' } });
    expect(reply.body.validations).toEqual([{ field: query.split('=')[0], detail: expect.stringContaining(text) }]);
    expect(reply.body).not.toHaveProperty('notifications');
    expect(reply.body).not.toHaveProperty('unread_count');
  });

  it.each(['erroneous', 'READ'])(
    'the inbox refuses an unknown read_status with Coder’s message (3): %s',
    async (status) => {
      const reply = await send(app(), `/api/v2/notifications/inbox?read_status=${status}`, { as: app().people.alice });

      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({
        message: "starting_before query parameter should be any of 'all', 'read', 'unread'.",
      });
    },
  );

  it('the inbox of a new user is empty (6)', async () => {
    const { client } = await aMember(app());

    expect(await client.getInboxNotifications()).toEqual({ notifications: [], unread_count: 0 });
  });

  it('the inbox has pages of 25, newest first, with the unread count of the whole inbox (7)', async () => {
    const { client, person } = await aMember(app());
    const ids = await deliverMany(app(), person, 40);

    const first = await client.getInboxNotifications();
    const second = await client.getInboxNotifications(idsOf(first)[24]);

    expect(idsOf(first)).toEqual(ids.slice(0, 25));
    expect(idsOf(second)).toEqual(ids.slice(25));
    expect([first.unread_count, second.unread_count]).toEqual([40, 40]);
  });

  it('pages of items with equal times skip and repeat none', async () => {
    const { client, person } = await aMember(app());
    const createdAt = new Date();
    const ids = await deliverMany(app(), person, 30, () => ({ createdAt }));

    const first = await client.getInboxNotifications();
    const second = await client.getInboxNotifications(idsOf(first).at(-1));

    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids);
  });

  it('an unknown cursor, or one of another user, gives the first page', async () => {
    const { client, person } = await aMember(app());
    const ids = await deliverMany(app(), person, 2);
    const foreign = await deliver(app(), (await aMember(app())).person);

    expect(idsOf(await client.getInboxNotifications(uuid()))).toEqual(ids);
    expect(idsOf(await client.getInboxNotifications(foreign))).toEqual(ids);
  });

  it('every item has an icon (8)', async () => {
    const { client, person } = await aMember(app());
    const icon = 'https://example.com/icon.png';
    await deliverMany(
      app(),
      person,
      6,
      (index) =>
        [
          { icon, template: templates.workspaceDeleted },
          { template: templates.workspaceDeleted },
          { template: templates.userAccountCreated },
          { template: templates.templateDeleted },
          { template: templates.testNotification },
          {},
        ][index] ?? {},
    );

    const { notifications } = await client.getInboxNotifications();

    expect(notifications.map((item) => item.icon).toReversed()).toEqual([
      icon,
      'DEFAULT_ICON_WORKSPACE',
      'DEFAULT_ICON_ACCOUNT',
      'DEFAULT_ICON_TEMPLATE',
      'DEFAULT_ICON_OTHER',
      'DEFAULT_ICON_OTHER',
    ]);
  });

  it('a filter by template selects items and leaves the unread count unchanged (9)', async () => {
    const { client, person } = await aMember(app());
    const ids = await deliverMany(app(), person, 10, (index) => ({
      template: index < 5 ? templates.workspaceDeleted : templates.userAccountCreated,
    }));

    const page = await client.getInboxNotifications(undefined, { templates: templates.workspaceDeleted });

    expect(idsOf(page)).toEqual(ids.slice(5));
    expect(page.unread_count).toBe(10);
  });

  it('a filter by targets selects the items that have all of them (10)', async () => {
    const { client, person } = await aMember(app());
    const [wanted, also, other] = [uuid(), uuid(), uuid()];
    const ids = await deliverMany(app(), person, 10, (index) => ({
      targets: [[wanted, also], [wanted], [other], []][index % 4] ?? [],
    }));
    const oldestFirst = ids.toReversed();

    const [one, both] = [
      await client.getInboxNotifications(undefined, { targets: wanted }),
      await client.getInboxNotifications(undefined, { targets: `${wanted},${also}` }),
    ];

    expect(idsOf(one)).toEqual([9, 8, 5, 4, 1, 0].map((index) => oldestFirst[index]));
    expect(idsOf(both)).toEqual([8, 4, 0].map((index) => oldestFirst[index]));
    expect([one.unread_count, both.unread_count]).toEqual([10, 10]);
  });

  it('filters by template and target can be combined (11)', async () => {
    const { client, person } = await aMember(app());
    const target = uuid();
    const ids = await deliverMany(app(), person, 10, (index) => ({
      template: index < 5 ? templates.workspaceDeleted : templates.userAccountCreated,
      targets: index % 2 === 0 ? [uuid()] : [target],
    }));

    const filter = { targets: target, templates: templates.workspaceDeleted };
    const page = await client.getInboxNotifications(undefined, filter);

    expect(idsOf(page)).toEqual([ids[6], ids[8]]);
    expect(page.unread_count).toBe(10);
  });

  it('the inbox filters by read status', async () => {
    const { client, person } = await aMember(app());
    const [newer = '', older = ''] = await deliverMany(app(), person, 2);
    await client.updateInboxNotificationReadStatus(newer, { is_read: true });

    expect(idsOf(await client.getInboxNotifications(undefined, { read_status: 'read' }))).toEqual([newer]);
    expect(idsOf(await client.getInboxNotifications(undefined, { read_status: 'unread' }))).toEqual([older]);
    expect(idsOf(await client.getInboxNotifications(undefined, { read_status: 'all' }))).toEqual([newer, older]);
  });

  it('an item created on the Directus face has every field that Coder clients read', async () => {
    const { client, person } = await aMember(app());
    await send(app(), '/notifications', {
      as: app().people.admin,
      body: { recipient: person.id, subject: 'Only *this*' },
    });

    const { notifications } = await client.getInboxNotifications();

    expect(notifications).toEqual([
      {
        id: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
        user_id: person.id,
        template_id: templates.custom,
        targets: [],
        title: 'Only *this*',
        content: '',
        icon: 'DEFAULT_ICON_OTHER',
        actions: [],
        read_at: null,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    ]);
  });

  it('items with a future time are counted, but listed only after a cursor with a later time', async () => {
    const { client, person } = await aMember(app());
    const inAnHour = new Date(Date.now() + 3_600_000);
    const [future, past] = [
      await deliver(app(), person, { createdAt: inAnHour }),
      await deliver(app(), person, { createdAt: new Date(Date.now() - 1000) }),
    ];
    const later = await deliver(app(), person, { createdAt: new Date(inAnHour.getTime() + 1000) });

    const first = await client.getInboxNotifications();

    expect(idsOf(first)).toEqual([past]);
    expect(first.unread_count).toBe(3);
    expect(idsOf(await client.getInboxNotifications(uuid()))).toEqual([past]);
    expect(idsOf(await client.getInboxNotifications(later))).toEqual([future, past]);
  });

  it('the inbox shows and counts no archived items', async () => {
    const { client, person } = await aMember(app());
    await deliver(app(), person, { status: 'archived' });

    expect(await client.getInboxNotifications()).toEqual({ notifications: [], unread_count: 0 });
  });
});

describe('an internal error', () => {
  it('an internal error has the message of the route and no details', async () => {
    const { client } = await aMember(app());
    await client.getInboxNotifications();

    const reply = await whileStatements(
      app().db,
      () => Promise.reject(new Error('the database is on fire')),
      () => client.getInboxNotifications().catch((error: unknown) => error),
    );

    expect(reply).toMatchObject({
      status: 500,
      message: expect.stringMatching(/: Failed to get filtered inbox notifications\.$/),
    });
  });
});
