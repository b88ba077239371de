import { describe, expect, it } from '@jest/globals';
import { createUsers } from '../../src/users/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const app = useTestApp();
let made = 0;

const newUser = async () => {
  const [id = ''] = await createUsers(app().contextOf(app().people.admin), [{ username: `quiet-${++made}` }]);
  return id;
};
const update = async (user: string, data: object | null) =>
  (
    await graphql(
      app(),
      app().people.admin,
      `mutation ($user: ID, $data: quiet_hours_input) { update_quiet_hours(user: $user, data: $data) {
         timezone windows { days from until } breakthrough } }`,
      { user, data },
    )
  ).body;
const read = async (user: string) =>
  (
    await graphql(
      app(),
      app().people.admin,
      `{ quiet_hours(user: "${user}") { timezone windows { from } breakthrough } }`,
    )
  ).body.data.quiet_hours;
const night = { days: ['friday', 'saturday'], from: '22:00', until: '07:00' };
const everyDay = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

describe('quiet_hours', () => {
  it('says until when e-mails and webhooks are held now', async () => {
    const user = await newUser();
    const hour = (hours: number) => `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 13)}:00`;
    const heldUntil = async (from: string, until: string) => {
      await update(user, { windows: [{ days: everyDay, from, until }] });
      const operation = `{ quiet_hours(user: "${user}") { held_until } }`;
      return (await graphql(app(), app().people.admin, operation)).body.data.quiet_hours.held_until;
    };

    const end = new Date(await heldUntil(hour(-2), hour(3)));
    expect(end.getTime() - Date.now()).toBeGreaterThan(3_600_000);
    expect(end.toISOString()).toMatch(/:00:00.000Z$/);
    expect(await heldUntil(hour(3), hour(5))).toBeNull();
  });
});

describe('update_quiet_hours', () => {
  it('quiet hours are stored with the time zone of the user, replaced and removed', async () => {
    const user = await newUser();
    await graphql(
      app(),
      app().people.admin,
      'mutation { save_category(data: { key: "alarms", name: "Alarms", default_channels: [] }) { key } }',
    );

    const first = await update(user, { windows: [night], breakthrough: ['alarms', 'alarms'] });
    const second = await update(user, { windows: [], timezone: 'asia/tokyo' });

    expect(first.data.update_quiet_hours).toEqual({ timezone: 'UTC', windows: [night], breakthrough: ['alarms'] });
    expect(second.data.update_quiet_hours).toEqual({ timezone: 'Asia/Tokyo', windows: [], breakthrough: [] });
    expect(await read(user)).toEqual({ timezone: 'Asia/Tokyo', windows: [], breakthrough: [] });
    expect((await update(user, null)).data.update_quiet_hours).toBeNull();
    expect(await read(user)).toBeNull();
  });

  it.each([
    [{ windows: [{ ...night, from: '24:00' }] }, 'windows'],
    [{ windows: [{ ...night, until: '7:00' }] }, 'windows'],
    [{ windows: [{ ...night, days: [] }] }, 'windows'],
    [{ windows: [{ days: everyDay, from: '00:00', until: '00:00' }] }, 'windows'],
    [
      {
        windows: [
          { days: everyDay, from: '06:00', until: '18:30' },
          { days: everyDay, from: '18:00', until: '06:00' },
        ],
      },
      'windows',
    ],
    [{ windows: Array.from({ length: 51 }, () => night) }, 'windows'],
    [{ windows: [night], timezone: '+01:00' }, 'timezone'],
    [{ windows: [night], breakthrough: ['nope'] }, 'breakthrough'],
  ])('invalid quiet hours are refused with their field, and nothing is stored: %j', async (data, field) => {
    const user = await newUser();

    expect((await update(user, data)).errors[0].extensions).toMatchObject({ field });
    expect(await read(user)).toBeNull();
  });
});
