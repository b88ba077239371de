import { describe, expect, it } from '@jest/globals';
import { createNotifications, deleteNotifications, notificationKey } from '../../src/notifications/write.ts';
import { onTestDatabase } from '../support/database.ts';
import type { Context } from './people.ts';
import { aNotification, failureOf, inboxOf, people } from './people.ts';

const { db } = await onTestDatabase();

describe('notificationKey', () => {
  it.each([
    ['1', 1],
    [1, 1],
    ['1.0', 1],
    [' 42 ', 42],
    ['42.00', 42],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('reads the key %j as %d', (value, key) => {
    expect(notificationKey(value)).toBe(key);
  });

  it.each([
    'abc',
    '',
    '1.5',
    1.5,
    0,
    -1,
    '9007199254740993',
    Number.NaN,
    null,
    undefined,
    true,
    {},
    '1e3',
    '0x1',
    '+1',
    '010',
    '1.',
    '1_0',
    '０',
  ])('refuses the key %j like an unknown key', (value) => {
    expect(() => notificationKey(value)).toThrow(expect.objectContaining({ code: 'FORBIDDEN', extensions: {} }));
  });
});

describe('ids given by the caller', () => {
  const create = (context: Context, recipient: string, id?: number | string) =>
    createNotifications(context, [aNotification(recipient, { id })]).then(([row]) => row?.id ?? 0);

  it('ids from a caller are kept, and automatic ones continue above them', async () => {
    const { admin, ids } = await people(db);
    const first = await create(admin, ids.alice);

    expect(await create(admin, ids.alice, first + 5)).toBe(first + 5);
    expect(await create(admin, ids.alice)).toBe(first + 6);
    expect(await create(admin, ids.alice, `${first + 50_000}`)).toBe(first + 50_000);
    expect(await create(admin, ids.alice)).toBe(first + 50_001);
  });

  it('ids from a caller below the sequence do not change it', async () => {
    const { admin, ids } = await people(db);
    const free = await create(admin, ids.alice);
    await deleteNotifications(admin, [free]);
    const last = await create(admin, ids.alice);

    expect(await create(admin, ids.alice, free)).toBe(free);
    expect(await create(admin, ids.alice)).toBe(last + 1);
  });

  it('the largest id from a caller does not exhaust the sequence', async () => {
    const { admin, ids } = await people(db);
    const last = await create(admin, ids.alice);

    expect(await create(admin, ids.alice, Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    expect(await create(admin, ids.alice)).toBe(last + 1);
  });

  it('existing ids from a caller are refused, also twice in one write', async () => {
    const { admin, ids } = await people(db);
    const id = await create(admin, ids.alice);
    const expected = { code: 'RECORD_NOT_UNIQUE', collection: 'directus_notifications', field: 'id' };

    expect(await failureOf(create(admin, ids.bob, id))).toEqual({ ...expected, value: id });
    const twice = [aNotification(ids.bob, { id: id + 1 }), aNotification(ids.bob, { id: `${id + 1}` })];
    expect(await failureOf(createNotifications(admin, twice))).toEqual({ ...expected, value: id + 1 });
    expect(await inboxOf(db, ids.bob)).toBeNull();
  });

  it('ids from a caller may be mixed with automatic ones in one write', async () => {
    const { admin, ids } = await people(db);
    const last = await create(admin, ids.alice);

    const rows = await createNotifications(admin, [
      aNotification(ids.alice),
      aNotification(ids.alice, { id: last + 1 }),
      aNotification(ids.alice),
    ]);

    expect(rows.map(({ id }) => id)).toEqual([last + 2, last + 1, last + 3]);
  });

  it('automatic ids continue even if the sequence fell behind ids from a caller', async () => {
    const { admin, ids } = await people(db);
    const last = await create(admin, ids.alice);
    await db.query({ text: `select setval('notifications_id_seq', $1)`, values: [last - 1] });

    expect(await create(admin, ids.alice)).toBe(last + 1);
  });
});
