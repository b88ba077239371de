import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { listPreferences } from '../../src/preferences/read.ts';
import { updatePreferences } from '../../src/preferences/write.ts';
import { templateIds } from '../../src/templates/model.ts';
import { seedTemplates } from '../../src/templates/system-templates.ts';
import { failureOf, people, theTime } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase({ poolSize: 10 });
const { custom, troubleshooting } = templateIds;
const unknownUser = { code: 'FAILED_VALIDATION', field: 'user', type: 'unknown' };

beforeAll(() => seedTemplates(db.prisma));

/** New people every time; Alice has a username. */
async function somePeople() {
  const all = await people(db);
  const username = `alice-${all.ids.alice}`;
  await db.prisma.user.update({ where: { id: all.ids.alice }, data: { username } });
  return { ...all, username };
}

describe('listPreferences', () => {
  it('lists no preferences for a user without choices', async () => {
    const { alice } = await somePeople();

    expect(await listPreferences(alice, 'me')).toEqual([]);
  });

  it('finds the user of preferences as me, by UUID and by username', async () => {
    const { alice, ids, username } = await somePeople();
    const chosen = await updatePreferences(alice, 'me', { [custom]: true });

    for (const userRef of ['me', ids.alice, ids.alice.toUpperCase(), username]) {
      expect(await listPreferences(alice, userRef)).toEqual(chosen);
    }
  });

  it('gives a member the same error for another user and an unknown one', async () => {
    const { alice, bob, ids, username, anonymous } = await somePeople();

    expect(await failureOf(listPreferences(alice, ids.bob))).toMatchObject(unknownUser);
    expect(await failureOf(listPreferences(bob, username))).toMatchObject(unknownUser);
    for (const userRef of [uuid(), 'nobody', '', 'nul\0', '\ud800', 'alice@example.com']) {
      expect(await failureOf(listPreferences(alice, userRef))).toMatchObject(unknownUser);
    }
    expect(await failureOf(listPreferences(anonymous, 'me'))).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('lists the preferences of other users for admins', async () => {
    const { admin, alice, ids, username } = await somePeople();
    const chosen = await updatePreferences(alice, 'me', { [custom]: true });

    expect(await listPreferences(admin, ids.alice)).toEqual(chosen);
    expect(await listPreferences(admin, username)).toEqual(chosen);
    expect(await failureOf(listPreferences(admin, uuid()))).toMatchObject(unknownUser);
  });
});

describe('updatePreferences', () => {
  it('stores a choice and returns the stored ones', async () => {
    const { alice, ids } = await somePeople();

    expect(await updatePreferences(alice, 'me', { [troubleshooting]: true })).toEqual([
      {
        user_id: ids.alice,
        template_id: troubleshooting,
        disabled: true,
        created_at: theTime,
        updated_at: theTime,
        unsubscribed: false,
      },
    ]);
  });

  it('changes only the preferences named in the map', async () => {
    const { alice, ids } = await somePeople();
    await updatePreferences(alice, 'me', { [custom]: true, [troubleshooting]: true });
    const later = new Date(theTime.getTime() + 1_000);

    const rows = await updatePreferences({ ...alice, now: () => later }, 'me', { [custom.toUpperCase()]: false });

    expect(rows).toEqual([
      {
        user_id: ids.alice,
        template_id: custom,
        disabled: false,
        created_at: theTime,
        updated_at: later,
        unsubscribed: false,
      },
      {
        user_id: ids.alice,
        template_id: troubleshooting,
        disabled: true,
        created_at: theTime,
        updated_at: theTime,
        unsubscribed: false,
      },
    ]);
  });

  it('lets users update their own preferences, and admins those of others', async () => {
    const { admin, alice, bob, ids, username, anonymous } = await somePeople();

    const rows = await updatePreferences(admin, username, { [custom]: true });

    expect(rows).toEqual([
      {
        user_id: ids.alice,
        template_id: custom,
        disabled: true,
        created_at: theTime,
        updated_at: theTime,
        unsubscribed: false,
      },
    ]);
    expect(await listPreferences(alice, 'me')).toEqual(rows);
    expect(await listPreferences(admin, 'me')).toEqual([]);
    expect(await failureOf(updatePreferences(bob, ids.alice, { [custom]: false }))).toMatchObject(unknownUser);
    expect(await failureOf(updatePreferences(anonymous, 'me', {}))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await listPreferences(alice, 'me')).toEqual(rows);
  });

  it('treats a missing or empty map as no change', async () => {
    const { alice } = await somePeople();
    const rows = await updatePreferences(alice, 'me', { [custom]: true });

    for (const map of [undefined, null, {}]) expect(await updatePreferences(alice, 'me', map)).toEqual(rows);
  });

  it.each<[string, unknown, object]>([
    [
      'a key that is no uuid',
      { [custom]: true, nope: true },
      { code: 'FAILED_VALIDATION', type: 'uuid', value: 'nope' },
    ],
    ['an empty key', { '': true }, { code: 'FAILED_VALIDATION', type: 'uuid' }],
    ['a value that is no boolean', { [custom]: true, [troubleshooting]: 'true' }, { type: 'boolean' }],
    ['a value that is null', { [custom]: null }, { type: 'boolean' }],
    ['a list', [custom], { type: 'object' }],
    ['a text', 'x', { type: 'object' }],
    [
      'an unknown template',
      { [custom]: true, '00000000-0000-4000-8000-00000000dead': true },
      { code: 'INVALID_FOREIGN_KEY', value: '00000000-0000-4000-8000-00000000dead' },
    ],
  ])('refuses preferences with %s and writes nothing', async (_what, map, fault) => {
    const { alice } = await somePeople();

    expect(await failureOf(updatePreferences(alice, 'me', map))).toMatchObject({
      field: 'template_disabled_map',
      ...fault,
    });
    expect(await listPreferences(alice, 'me')).toEqual([]);
  });

  it('refuses preferences for too many templates', async () => {
    const { alice } = await somePeople();
    const limited = { ...alice, limits: { ...alice.limits, batchMax: 1 } };

    const call = updatePreferences(limited, 'me', { [custom]: true, [troubleshooting]: true });

    expect(await failureOf(call)).toMatchObject({ code: 'INVALID_PAYLOAD' });
  });

  it('preferences can be updated concurrently, in any order of keys', async () => {
    const { alice } = await somePeople();
    const ids = (await db.prisma.template.findMany()).map(({ id }) => id);
    const maps = [ids, ids.toReversed()].map((keys) => Object.fromEntries(keys.map((id) => [id, true])));

    await Promise.all(Array.from({ length: 20 }, (_, n) => updatePreferences(alice, 'me', maps[n % 2])));

    expect(await listPreferences(alice, 'me')).toHaveLength(24);
  });
});
