import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import type { Notification } from '../../src/notifications/model.ts';
import {
  createNotifications,
  type NewNotification,
  type NotificationChange,
  setReadStatus,
  updateNotifications,
  updateNotificationsBatch,
} from '../../src/notifications/write.ts';
import { onTestDatabase } from '../support/database.ts';
import type { Context } from './people.ts';
import { aNotification, failureOf, inboxOf, people, theTime } from './people.ts';

const { db } = await onTestDatabase();
const unknownField: NotificationChange & { nonsense: number } = { nonsense: 1 };
const unknownId = 8_000_000_000;

async function create(context: Context, ...items: NewNotification[]): Promise<Notification[]> {
  return createNotifications(context, items);
}

async function createOne(context: Context, recipient: string, more: NewNotification = {}): Promise<Notification> {
  const [row] = await create(context, aNotification(recipient, more));
  if (!row) throw new Error('not created');
  return row;
}

describe('updateNotifications', () => {
  it('changes only the given fields', async () => {
    const { admin, ids } = await people(db);
    const before = await createOne(admin, ids.alice, { message: 'Text', collection: 'articles', item: '1' });

    const [after] = await updateNotifications(admin, [before.id], {
      subject: 'New',
      message: null,
      sender: ids.bob,
      timestamp: '2020-01-02T03:04:05+02:00',
      item: undefined,
      id: 77,
    });

    expect(after).toEqual({
      ...before,
      subject: 'New',
      message: null,
      sender_id: ids.bob,
      timestamp: '2020-01-02T01:04:05.000Z',
      version: 2,
    });
  });

  it('returns updated rows by ascending id, each once, and skips unknown ids for admins', async () => {
    const { admin, ids } = await people(db);
    const rows = await create(admin, aNotification(ids.bob), aNotification(ids.alice), aNotification(ids.bob));
    const keys = rows.map(({ id }) => id);

    const changed = await updateNotifications(admin, [...keys.toReversed(), unknownId, ...keys], {
      status: 'archived',
    });

    expect(changed.map(({ id }) => id)).toEqual(keys);
    expect(await updateNotifications(admin, [unknownId], { status: 'archived' })).toEqual([]);
    expect(await updateNotifications(admin, [], { status: 'archived' })).toEqual([]);
  });

  it('archiving lowers both counts, moving back to the inbox raises them, and read_at stays', async () => {
    const { admin, alice, ids } = await people(db);
    const [read, unread] = await create(admin, aNotification(ids.alice), aNotification(ids.alice));
    const keys = [read?.id ?? 0, unread?.id ?? 0];
    const { notification } = await setReadStatus(alice, keys[0] ?? 0, true);

    await updateNotifications(alice, keys, { status: 'archived' });
    expect(await inboxOf(db, ids.alice)).toMatchObject({ unread: 0, total: 0 });

    const [again] = await updateNotifications(alice, keys, { status: 'inbox' });
    expect(await inboxOf(db, ids.alice)).toMatchObject({ unread: 1, total: 2 });
    expect(again?.read_at).toBe(notification.read_at);
  });

  it('publishes the range of an update once, after the commit', async () => {
    const { admin, ids, published } = await people(db);
    const rows = await create(admin, aNotification(ids.bob), aNotification(ids.alice), aNotification(ids.bob));
    const [first, second, third] = rows.map(({ id }) => id);
    published.length = 0;

    await updateNotifications(
      admin,
      rows.map(({ id }) => id),
      {},
    );

    expect(published).toHaveLength(1);
    expect(published[0]).toHaveLength(2);
    expect(published[0]).toContainEqual({ recipient: ids.bob, from: 2, to: 4, updated: [first, third] });
    expect(published[0]).toContainEqual({ recipient: ids.alice, from: 1, to: 2, updated: [second] });
  });

  it.each([
    ['a null subject', { subject: null }, { code: 'FAILED_VALIDATION', field: 'subject', type: 'nnull' }],
    ['a null recipient', { recipient: null }, { code: 'FAILED_VALIDATION', field: 'recipient', type: 'nnull' }],
    ['another status', { status: 'read' }, { code: 'FAILED_VALIDATION', field: 'status', type: 'in' }],
    ['a sender that is no uuid', { sender: 'bob' }, { code: 'FAILED_VALIDATION', field: 'sender', type: 'uuid' }],
    ['NUL characters', { message: '\0' }, { code: 'FAILED_VALIDATION', field: 'message' }],
    ['a long item', { item: 'x'.repeat(256) }, { code: 'VALUE_TOO_LONG', field: 'item' }],
    ['an unknown field', unknownField, { code: 'FAILED_VALIDATION', field: 'nonsense', type: 'unknown' }],
    ['a timestamp that is no time', { timestamp: 'x' }, { code: 'FAILED_VALIDATION', field: 'timestamp' }],
  ])('refuses an update with %s', async (_title, change, expected) => {
    const { admin, ids } = await people(db);
    const { id } = await createOne(admin, ids.alice);

    expect(await failureOf(updateNotifications(admin, [id], change))).toMatchObject(expected);
    expect(await failureOf(updateNotificationsBatch(admin, [{ id, ...change }]))).toMatchObject(expected);
    expect(await inboxOf(db, ids.alice)).toMatchObject({ version: 1 });
  });

  it('refuses an update with an unknown recipient or sender by name and changes nothing', async () => {
    const { admin, ids } = await people(db);
    const { id } = await createOne(admin, ids.alice);
    const nobody = uuid();

    for (const field of ['recipient', 'sender']) {
      expect(await failureOf(updateNotifications(admin, [id], { [field]: nobody, status: 'archived' }))).toEqual({
        code: 'INVALID_FOREIGN_KEY',
        collection: 'directus_notifications',
        field,
        value: nobody,
      });
    }
    expect(await inboxOf(db, ids.alice)).toEqual({ version: 1, unread: 1, total: 1 });
  });

  it('refuses an update of too many ids', async () => {
    const { admin } = await people(db);
    const limited: Context = { ...admin, limits: { ...admin.limits, batchMax: 1 } };

    const failure = { code: 'INVALID_PAYLOAD' };
    expect(await failureOf(updateNotifications(limited, [1, 2], {}))).toMatchObject(failure);
    expect(await failureOf(updateNotificationsBatch(limited, [{ id: 1 }, { id: 2 }]))).toMatchObject(failure);
  });
});

describe('updateNotifications for a member', () => {
  it('lets members change the status of their own notifications', async () => {
    const { admin, alice, ids } = await people(db);
    const { id } = await createOne(admin, ids.alice);

    expect(await updateNotifications(alice, [id], { status: 'archived' })).toMatchObject([{ id, status: 'archived' }]);
    expect(await updateNotifications(alice, [id], {})).toMatchObject([{ id, status: 'archived' }]);
  });

  it('names every field that a member may not write', async () => {
    const { admin, alice, ids } = await people(db);
    const { id } = await createOne(admin, ids.alice);
    const change = { status: 'nonsense', subject: 'x', id, nonsense: 1 };

    expect(await failureOf(updateNotifications(alice, [id], change))).toEqual({
      code: 'FORBIDDEN',
      reason: expect.stringMatching(/"subject", "id", "nonsense"/),
    });
  });

  it('refuses a whole update by a member for a foreign, unknown or missing id', async () => {
    const { admin, alice, ids } = await people(db);
    const own = await createOne(admin, ids.alice);
    const other = await createOne(admin, ids.bob);

    for (const keys of [[own.id, other.id], [own.id, unknownId], [other.id], [unknownId], []]) {
      expect(await failureOf(updateNotifications(alice, keys, { status: 'archived' }))).toEqual({ code: 'FORBIDDEN' });
    }
    expect(await inboxOf(db, ids.alice)).toEqual({ version: 1, unread: 1, total: 1 });
    expect(await inboxOf(db, ids.bob)).toEqual({ version: 1, unread: 1, total: 1 });
  });

  it('refuses updates by anonymous viewers', async () => {
    const { anonymous } = await people(db);

    expect(await failureOf(updateNotifications(anonymous, [1], {}))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(updateNotificationsBatch(anonymous, []))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('updateNotificationsBatch', () => {
  it('applies a separate change to each row of a batch', async () => {
    const { admin, ids } = await people(db);
    const [first, second] = await create(admin, aNotification(ids.alice), aNotification(ids.bob));

    const rows = await updateNotificationsBatch(admin, [
      { id: `${second?.id}`, status: 'archived' },
      { id: first?.id, subject: 'First' },
      { id: unknownId, subject: 'Nobody' },
      { id: second?.id, subject: 'Second' },
    ]);

    expect(rows).toEqual([
      { ...first, subject: 'First', version: 2 },
      {
        ...second,
        subject: 'Second',
        status: 'archived',
        archived_at: theTime.toISOString(),
        shown_version: 0,
        state_version: 2,
        version: 2,
      },
    ]);
  });

  it('applies a batch completely or not at all', async () => {
    const { admin, alice, ids } = await people(db);
    const own = await createOne(admin, ids.alice);
    const other = await createOne(admin, ids.bob);

    expect(
      await failureOf(updateNotificationsBatch(admin, [{ id: own.id, subject: 'x' }, { subject: 'y' }])),
    ).toMatchObject({ code: 'INVALID_PAYLOAD' });
    expect(
      await failureOf(
        updateNotificationsBatch(alice, [
          { id: own.id, status: 'archived' },
          { id: other.id, status: 'archived' },
        ]),
      ),
    ).toEqual({ code: 'FORBIDDEN' });
    expect(await failureOf(updateNotificationsBatch(admin, [{ id: 'abc' }]))).toEqual({ code: 'FORBIDDEN' });
    expect(await inboxOf(db, ids.alice)).toMatchObject({ version: 1 });
  });

  it('lets members change the status of their own notifications in a batch', async () => {
    const { admin, alice, ids } = await people(db);
    const { id } = await createOne(admin, ids.alice);

    expect(await updateNotificationsBatch(alice, [{ id, status: 'archived' }])).toMatchObject([{ status: 'archived' }]);
    expect(await updateNotificationsBatch(alice, [])).toEqual([]);
  });
});
