import { beforeEach, describe, expect, it } from '@jest/globals';
import { getSettings, storedSettings, toSettings } from '../../src/settings/read.ts';
import { updateSettings } from '../../src/settings/write.ts';
import { failureOf, people } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase({ poolSize: 10 });
const { admin, alice, anonymous } = await people(db);

const paused = { notifier_paused: true };
const running = { notifier_paused: false };

type Reader = Parameters<typeof getSettings>[0];
const readSettings = async (reader: Reader) => toSettings((await getSettings(reader)).value);
const stored = async () => toSettings(await storedSettings(db.prisma));

beforeEach(async () => {
  await db.prisma.setting.deleteMany();
});

describe('getSettings', () => {
  it('returns default settings while none are stored, to members too', async () => {
    expect(await readSettings(alice)).toEqual(running);
    expect(await stored()).toEqual(running);
  });

  it('returns stored settings', async () => {
    await updateSettings(admin, paused);

    expect(await readSettings(alice)).toEqual(paused);
    expect(await stored()).toEqual(paused);
  });

  it.each([{}, null, [], 'x', { notifier_paused: 'yes' }])(
    'treats %j in the store as the default settings',
    async (value) => {
      const text = 'insert into settings (key, value) values ($1, $2::jsonb)';
      await db.query({ text, values: ['notifications', JSON.stringify(value)] });

      expect(await stored()).toEqual(running);
    },
  );

  it('refuses settings to anonymous viewers', async () => {
    expect(await failureOf(readSettings(anonymous))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('updateSettings', () => {
  it('reports the first write of settings as a change, and a repeated one not', async () => {
    expect(await updateSettings(admin, running)).toEqual({ settings: running, changed: true });
    expect(await updateSettings(admin, running)).toEqual({ settings: running, changed: false });
    expect(await updateSettings(admin, paused)).toEqual({ settings: paused, changed: true });
    expect(await updateSettings(admin, paused)).toEqual({ settings: paused, changed: false });
  });

  it('lets members write only the stored settings back', async () => {
    expect(await failureOf(updateSettings(alice, running))).toEqual({ code: 'FORBIDDEN' });
    await updateSettings(admin, paused);

    expect(await updateSettings(alice, paused)).toEqual({ settings: paused, changed: false });
    expect(await failureOf(updateSettings(alice, running))).toEqual({ code: 'FORBIDDEN' });
    expect(await failureOf(updateSettings(anonymous, paused))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await readSettings(alice)).toEqual(paused);
  });

  it('reports a change for only one of several equal concurrent writes', async () => {
    const changes = await Promise.all(Array.from({ length: 10 }, () => updateSettings(admin, paused)));

    expect(changes.filter(({ changed }) => changed)).toHaveLength(1);
  });

  it('refuses settings that are not boolean', async () => {
    for (const notifier_paused of [undefined, null, 'true', 1]) {
      expect(await failureOf(updateSettings(admin, { notifier_paused }))).toMatchObject({
        code: 'FAILED_VALIDATION',
        field: 'notifier_paused',
      });
    }
  });
});
