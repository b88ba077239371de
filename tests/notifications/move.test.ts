import { describe, expect, it } from '@jest/globals';
import { createNotifications, updateNotifications, updateNotificationsBatch } from '../../src/notifications/write.ts';
import { onTestDatabase } from '../support/database.ts';
import { aNotification, inboxOf, people } from './people.ts';

const { db } = await onTestDatabase();

describe('moving to another recipient', () => {
  it('a move leaves a tombstone in the old inbox, creates in the new one, and keeps both counts right', async () => {
    const { admin, ids, published } = await people(db);
    const [moving, staying] = await createNotifications(admin, [aNotification(ids.alice), aNotification(ids.alice)]);
    await createNotifications(admin, [aNotification(ids.bob)]);
    published.length = 0;

    const [moved] = await updateNotifications(admin, [moving?.id ?? 0], { recipient: ids.bob, subject: 'Moved' });

    expect(moved).toEqual({ ...moving, recipient_id: ids.bob, subject: 'Moved', created_version: 2, version: 2 });
    expect(await inboxOf(db, ids.alice)).toEqual({ version: 3, unread: 1, total: 1 });
    expect(await inboxOf(db, ids.bob)).toEqual({ version: 2, unread: 2, total: 2 });
    expect(
      await db.query({
        text: 'select recipient_id, version, id, uuid from notification_tombstones where recipient_id = $1',
        values: [ids.alice],
      }),
    ).toEqual([{ recipient_id: ids.alice, version: 3, id: moving?.id, uuid: moving?.uuid }]);
    expect(staying?.version).toBe(2);
    expect(published[0]).toContainEqual({ recipient: ids.alice, from: 2, to: 3 });
    expect(published[0]).toContainEqual({ recipient: ids.bob, from: 1, to: 2, updated: [moving?.id] });
  });

  it('a move creates the inbox of a recipient without one', async () => {
    const { admin, ids } = await people(db);
    const [row] = await createNotifications(admin, [aNotification(ids.alice, { status: 'archived' })]);

    await updateNotifications(admin, [row?.id ?? 0], { recipient: ids.bob });

    expect(await inboxOf(db, ids.alice)).toEqual({ version: 2, unread: 0, total: 0 });
    expect(await inboxOf(db, ids.bob)).toEqual({ version: 1, unread: 0, total: 0 });
  });

  it('a move to the same recipient is an ordinary change', async () => {
    const { admin, ids } = await people(db);
    const [before] = await createNotifications(admin, [aNotification(ids.alice)]);

    const [row] = await updateNotifications(admin, [before?.id ?? 0], { recipient: ids.alice.toUpperCase() });

    expect(row).toMatchObject({ created_version: 1, version: 2 });
    expect(await inboxOf(db, ids.alice)).toEqual({ version: 2, unread: 1, total: 1 });
  });

  it('two notifications can swap inboxes in one batch', async () => {
    const { admin, ids, published } = await people(db);
    const [first, second] = await createNotifications(admin, [aNotification(ids.alice), aNotification(ids.bob)]);

    await updateNotificationsBatch(admin, [
      { id: first?.id, recipient: ids.bob, status: 'archived' },
      { id: second?.id, recipient: ids.alice },
    ]);

    expect(await inboxOf(db, ids.alice)).toEqual({ version: 3, unread: 1, total: 1 });
    expect(await inboxOf(db, ids.bob)).toEqual({ version: 3, unread: 0, total: 0 });
    expect(published.at(-1)).toContainEqual({ recipient: ids.bob, from: 1, to: 3, updated: [first?.id] });
  });
});
