import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { seedTemplates } from '../../../src/templates/system-templates.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { templates } from './support/items.ts';
import { adminClient, aMember } from './support/people.ts';

// The numbers are those of the checklist of the reference's tests; cases 22 to 30 are here.

const app = useTestApp();
beforeAll(() => seedTemplates(app().db.prisma));

const put = (path: string, body: unknown, as = app().people.admin) =>
  send(app(), `/api/v2${path}`, { as, method: 'PUT', body });
const forbidden = {
  message: 'Forbidden.',
  detail: expect.stringContaining("You don't have permission to view this content."),
};

describe('settings', () => {
  it('22 to 24 are read by everybody, changed by an admin, and not changed by what they are', async () => {
    const { client, person } = await aMember(app());
    const settings = '/notifications/settings';

    expect(await client.getNotificationsSettings()).toEqual({ notifier_paused: false });
    expect(await put(settings, { notifier_paused: true }, person)).toMatchObject({ status: 403, body: forbidden });
    expect(await put(settings, { notifier_paused: true })).toMatchObject({
      status: 200,
      body: { notifier_paused: true },
    });
    expect(await client.getNotificationsSettings()).toEqual({ notifier_paused: true });
    expect(await put(settings, { notifier_paused: true })).toMatchObject({ status: 304, body: '' });
    // The right is asked for by the write, and here there is nothing to write.
    expect(await put(settings, { notifier_paused: true }, person)).toMatchObject({ status: 304 });
    expect(await put(settings, {})).toMatchObject({ status: 200, body: { notifier_paused: false } });
    expect(await put(settings, '')).toMatchObject({ status: 400, body: { detail: 'EOF' } });
    expect(await client.getNotificationsSettings()).toEqual({ notifier_paused: false });
  });
});

describe('preferences', () => {
  it('25 are none for somebody new', async () => {
    const { client } = await aMember(app());

    expect(await client.getUserNotificationPreferences('me')).toEqual([]);
  });

  it.each([
    ['26 another member', async () => (await aMember(app())).person.id],
    ['nobody', async () => uuid()],
    ['an e-mail address', async () => 'alice@example.com'],
    ['text that cannot be stored', async () => 'a\0b'],
  ])('are refused to a member who asks for those of %s', async (_whose, find) => {
    const { person } = await aMember(app());
    const user = await find();

    const path = `/users/${encodeURIComponent(user)}/notifications/preferences`;
    const replies = [
      await send(app(), `/api/v2${path}`, { as: person }),
      await put(path, { template_disabled_map: {} }, person),
      // The user is looked for before the body is.
      await put(path, { template_disabled_map: [] }, person),
      await put(path, { template_disabled_map: { x: true } }, person),
      await send(app(), `/api/v2${path}`, { as: person, method: 'PUT', body: 'no JSON' }),
    ];

    for (const reply of replies) {
      expect(reply).toMatchObject({
        status: 400,
        body: {
          message: '"user" must be an existing uuid or username.',
          detail: `queried user=${JSON.stringify(user)}`,
        },
      });
    }
  });

  it('27 and 28 of others are read and changed by an admin, and the user sees the same', async () => {
    const { client, person } = await aMember(app());
    const admin = adminClient(app());

    expect(await admin.getUserNotificationPreferences(person.id)).toEqual([]);
    const changed = await admin.putUserNotificationPreferences(person.id, { [templates.workspaceDeleted]: true });

    expect(changed).toEqual([
      {
        id: templates.workspaceDeleted,
        disabled: true,
        updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    ]);
    expect(await client.getUserNotificationPreferences('me')).toEqual(changed);
    expect(await client.getUserNotificationPreferences(person.id)).toEqual(changed);
  });

  it('are found by uuid in any spelling and by username in any case', async () => {
    const { client, person } = await aMember(app());
    const stored = await client.putUserNotificationPreferences('me', { [templates.workspaceDeleted]: true });
    const [user] = await app().db.query<{ username: string }>({
      text: 'select username from users where id = $1',
      values: [person.id],
    });

    for (const name of [
      person.id.toUpperCase(),
      `urn:uuid:${person.id}`,
      user?.username ?? '',
      user?.username.toUpperCase() ?? '',
    ]) {
      expect(await client.getUserNotificationPreferences(name)).toEqual(stored);
    }
  });

  it('29 are one after adding one', async () => {
    const { client } = await aMember(app());

    const preferences = await client.putUserNotificationPreferences('me', { [templates.workspaceDeleted]: true });

    expect(preferences).toMatchObject([{ id: templates.workspaceDeleted, disabled: true }]);
  });

  it('30 stay as they are where a change does not name them', async () => {
    const { client } = await aMember(app());
    const [one, two] = [templates.workspaceDeleted, templates.userAccountCreated];
    await client.putUserNotificationPreferences('me', { [one]: true, [two]: true });

    const changed = await client.putUserNotificationPreferences('me', { [one]: false });

    expect(changed).toHaveLength(2);
    expect(new Map(changed.map(({ id, disabled }) => [id, disabled]))).toEqual(
      new Map([
        [one, false],
        [two, true],
      ]),
    );
  });

  it.each([[{}], [{ template_disabled_map: {} }], [{ template_disabled_map: null }]])(
    'stay as they are for %j',
    async (body) => {
      const { client, person } = await aMember(app());
      const stored = await client.putUserNotificationPreferences('me', { [templates.workspaceDeleted]: true });

      const reply = await put('/users/me/notifications/preferences', body, person);

      expect(reply).toMatchObject({ status: 200, body: stored });
    },
  );

  it.each([
    ['an id that is none', { x: true }, 400, { message: 'Unable to parse notification template UUID.' }],
    [
      'an unknown template',
      { [uuid()]: true },
      500,
      { message: 'Failed to update user notifications preferences.', detail: expect.any(String) },
    ],
    ['a value that is no boolean', { [templates.workspaceDeleted]: 'yes' }, 400, { message: expect.any(String) }],
    ['no map', [], 400, { message: 'Request body must be valid JSON.' }],
  ])('are refused whole for %s', async (_what, map, status, body) => {
    const { client, person } = await aMember(app());
    const wanted = Array.isArray(map) ? map : { [templates.userAccountCreated]: true, ...map };

    const reply = await put('/users/me/notifications/preferences', { template_disabled_map: wanted }, person);

    expect(reply).toMatchObject({ status, body });
    expect(await client.getUserNotificationPreferences('me')).toEqual([]);
  });
});
