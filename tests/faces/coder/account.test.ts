import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { seedTemplates } from '../../../src/templates/system-templates.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { templates } from './support/items.ts';
import { adminClient, aMember } from './support/people.ts';

// The numbers in titles are those of the checklist in tests/conformance; cases 22 to 30 are here.

const app = useTestApp();
beforeAll(() => seedTemplates(app().db.prisma));

const put = (path: string, body: unknown, as = app().people.admin) =>
  send(app(), `/api/v2${path}`, { as, method: 'PUT', body });
const forbidden = {
  message: 'Forbidden.',
  detail: expect.stringContaining("You don't have permission to view this content."),
};

describe('settings', () => {
  it('any user reads the settings, only an admin changes them, and writing the current value is 304 (22, 23, 24)', async () => {
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
    // The right to write is only checked when a value changes, and none does here.
    expect(await put(settings, { notifier_paused: true }, person)).toMatchObject({ status: 304 });
    expect(await put(settings, {})).toMatchObject({ status: 200, body: { notifier_paused: false } });
    expect(await put(settings, '')).toMatchObject({ status: 400, body: { detail: 'EOF' } });
    expect(await client.getNotificationsSettings()).toEqual({ notifier_paused: false });
  });
});

describe('preferences', () => {
  it('a new user has no preferences (25)', async () => {
    const { client } = await aMember(app());

    expect(await client.getUserNotificationPreferences('me')).toEqual([]);
  });

  it.each([
    ['another member (26)', async () => (await aMember(app())).person.id],
    ['an unknown user', async () => uuid()],
    ['an e-mail address', async () => 'alice@example.com'],
    ['text that cannot be stored', async () => 'a\0b'],
  ])('a member is refused the preferences of %s', async (_whose, find) => {
    const { person } = await aMember(app());
    const user = await find();

    const path = `/users/${encodeURIComponent(user)}/notifications/preferences`;
    const replies = [
      await send(app(), `/api/v2${path}`, { as: person }),
      await put(path, { template_disabled_map: {} }, person),
      // The user is looked up before the body is read.
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

  it('an admin reads and changes the preferences of a user, and the user sees the change (27, 28)', async () => {
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

  it('preferences are found by UUID in any notation and by username in any letter case', async () => {
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

  it('a user who stores one preference has one (29)', async () => {
    const { client } = await aMember(app());

    const preferences = await client.putUserNotificationPreferences('me', { [templates.workspaceDeleted]: true });

    expect(preferences).toMatchObject([{ id: templates.workspaceDeleted, disabled: true }]);
  });

  it('a change leaves the preferences that it does not name unchanged (30)', async () => {
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
    'the body %j changes no preference',
    async (body) => {
      const { client, person } = await aMember(app());
      const stored = await client.putUserNotificationPreferences('me', { [templates.workspaceDeleted]: true });

      const reply = await put('/users/me/notifications/preferences', body, person);

      expect(reply).toMatchObject({ status: 200, body: stored });
    },
  );

  it.each([
    ['a malformed template id', { x: true }, 400, { message: 'Unable to parse notification template UUID.' }],
    [
      'an unknown template',
      { [uuid()]: true },
      500,
      { message: 'Failed to update user notifications preferences.', detail: expect.any(String) },
    ],
    ['a value that is not a boolean', { [templates.workspaceDeleted]: 'yes' }, 400, { message: expect.any(String) }],
    ['a list instead of a map', [], 400, { message: 'Request body must be valid JSON.' }],
  ])('a change of preferences with %s is refused and stores nothing', async (_what, map, status, body) => {
    const { client, person } = await aMember(app());
    const wanted = Array.isArray(map) ? map : { [templates.userAccountCreated]: true, ...map };

    const reply = await put('/users/me/notifications/preferences', { template_disabled_map: wanted }, person);

    expect(reply).toMatchObject({ status, body });
    expect(await client.getUserNotificationPreferences('me')).toEqual([]);
  });
});
