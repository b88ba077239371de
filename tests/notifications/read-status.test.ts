import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import {
  createNotifications,
  deleteNotifications,
  markAllRead,
  setReadStatus,
  updateNotifications,
} from '../../src/notifications/write.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { onTestDatabase } from '../support/database.ts';
import { withStatements } from '../support/statements.ts';
import { aNotification, failureOf, inboxOf, people, theTime } from './people.ts';

const { db } = await onTestDatabase();

async function aStory() {
  const everybody = await people(db);
  const { admin, ids } = everybody;
  const [first, second, other] = await createNotifications(admin, [
    aNotification(ids.alice),
    aNotification(ids.alice),
    aNotification(ids.bob),
  ]);
  if (!first || !second || !other) throw new Error('not created');
  everybody.published.length = 0;
  return { ...everybody, first, second, other };
}

describe('setReadStatus', () => {
  it('marks by integer key or UUID and returns the unread count', async () => {
    const { alice, ids, first, second, published } = await aStory();

    const one = await setReadStatus(alice, first.id, true);
    const two = await setReadStatus(alice, second.uuid.toUpperCase(), true);

    expect(one).toEqual({
      notification: { ...first, read_at: theTime.toISOString(), shown_version: 0, version: 3 },
      unread: 1,
      total: 2,
    });
    expect(two).toMatchObject({ notification: { id: second.id, version: 4 }, unread: 0 });
    expect(await inboxOf(db, ids.alice)).toEqual({ version: 4, unread: 0, total: 2 });
    expect(published).toEqual([
      [{ recipient: ids.alice, from: 2, to: 3, updated: [first.id] }],
      [{ recipient: ids.alice, from: 3, to: 4, updated: [second.id] }],
    ]);
  });

  it('marks a read notification as unread', async () => {
    const { alice, first } = await aStory();
    await setReadStatus(alice, first.id, true);

    const { notification, unread } = await setReadStatus(alice, first.id, false);

    expect(notification.read_at).toBeNull();
    expect(unread).toBe(2);
  });

  it('updates read_at when a notification is marked read again', async () => {
    const { alice, first } = await aStory();
    await setReadStatus(alice, first.id, true);

    const later = { ...alice, now: () => new Date(theTime.getTime() + 1000) };
    const { notification, unread } = await setReadStatus(later, first.id, true);

    expect(notification.read_at).toBe(later.now().toISOString());
    expect(unread).toBe(1);
  });

  it('does not change the counts when marking an archived notification', async () => {
    const { alice, ids, first } = await aStory();
    await updateNotifications(alice, [first.id], { status: 'archived' });

    expect((await setReadStatus(alice, first.id, true)).unread).toBe(1);
    expect((await setReadStatus(alice, first.id, false)).unread).toBe(1);
    expect(await inboxOf(db, ids.alice)).toMatchObject({ unread: 1, total: 1 });
  });

  it('lets admins mark any notification and returns their own unread count', async () => {
    const { admin, other, ids } = await aStory();

    const before = await setReadStatus(admin, other.uuid, true);
    await createNotifications(admin, [aNotification(ids.admin), aNotification(ids.admin)]);
    const after = await setReadStatus(admin, other.uuid, false);

    expect([before.unread, after.unread]).toEqual([0, 2]);
    expect([before.total, after.total]).toEqual([0, 2]);
    expect(after.notification).toMatchObject({ id: other.id, recipient_id: ids.bob });
    expect(await inboxOf(db, ids.bob)).toMatchObject({ unread: 1 });
  });

  it('gives the same error for a foreign and an unknown notification', async () => {
    const { alice, anonymous, admin, other, ids } = await aStory();

    for (const key of [other.id, other.uuid, uuid(), 8_000_000_000, 'nonsense']) {
      expect(await failureOf(setReadStatus(alice, key, true))).toEqual({ code: 'FORBIDDEN' });
    }
    expect(await failureOf(setReadStatus(admin, uuid(), true))).toEqual({ code: 'FORBIDDEN' });
    expect(await failureOf(setReadStatus(anonymous, other.id, true))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await inboxOf(db, ids.bob)).toMatchObject({ version: 1, unread: 1 });
  });
});

describe('markAllRead', () => {
  it('marks all unread notifications in the viewer’s own inbox only', async () => {
    const { admin, alice, ids, first, second, published } = await aStory();
    const [archived] = await createNotifications(admin, [aNotification(ids.alice, { status: 'archived' })]);
    await setReadStatus(alice, first.id, true);
    published.length = 0;

    expect(await markAllRead(alice)).toEqual({ changed: 1, unread: 0, version: 5 });

    expect(await inboxOf(db, ids.alice)).toEqual({ version: 5, unread: 0, total: 2 });
    expect(await inboxOf(db, ids.bob)).toMatchObject({ unread: 1 });
    const [kept] = await updateNotifications(admin, [archived?.id ?? 0], {});
    expect(kept?.read_at).toBeNull();
    expect(published[0]).toEqual([{ recipient: ids.alice, from: 4, to: 5, updated: [second.id] }]);
  });

  it('marking all read does nothing without unread notifications or without an inbox', async () => {
    const { admin, alice, published } = await aStory();
    const { version } = await markAllRead(alice);
    published.length = 0;

    expect(await markAllRead(alice)).toEqual({ changed: 0, unread: 0, version });
    expect(await markAllRead(admin)).toEqual({ changed: 0, unread: 0, version: 0 });
    expect(published).toEqual([]);
  });

  describe('in several steps', () => {
    const step = { marked: 2, seen: 3 };

    it('marking all read in steps marks everything and publishes the range of each step', async () => {
      const { admin, alice, ids, first, published } = await aStory();
      await createNotifications(
        admin,
        Array.from({ length: 9 }, () => aNotification(ids.alice)),
      );
      await setReadStatus(alice, first.id, true);
      published.length = 0;

      expect(await markAllRead(alice, step)).toEqual({ changed: 10, unread: 0, version: 22 });

      expect(await inboxOf(db, ids.alice)).toEqual({ version: 22, unread: 0, total: 11 });
      const ranges = published.flat();
      expect(ranges.length).toBeGreaterThan(1);
      expect(ranges.map(({ from }) => from)).toEqual([12, ...ranges.slice(0, -1).map(({ to }) => to)]);
      expect(ranges.at(-1)?.to).toBe(22);
      expect(new Set(ranges.flatMap(({ updated }) => updated ?? [])).size).toBe(10);
    });

    it('marking all read in steps skips later notifications and includes those changed meanwhile', async () => {
      const { admin, alice, ids } = await aStory();
      const rows = await createNotifications(
        admin,
        Array.from({ length: 9 }, () => aNotification(ids.alice)),
      );
      const [last, elsewhere] = [rows.at(-1)?.id ?? 0, (await createNotifications(admin, [aNotification(ids.bob)]))[0]];
      let steps = 0;
      const arrivals: number[] = [];
      const marking = markAllRead(
        {
          ...alice,
          prisma: servicePrisma(
            withStatements(db, {
              transaction: async (work) => {
                steps += 1;
                if (steps === 2) {
                  const [made] = await createNotifications(admin, [aNotification(ids.alice)]);
                  await updateNotifications(admin, [elsewhere?.id ?? 0], { recipient: ids.alice });
                  await updateNotifications(admin, [last], { subject: 'changed' });
                  arrivals.push(made?.id ?? 0, elsewhere?.id ?? 0);
                }
                return db.transaction(work);
              },
            }),
          ),
        },
        step,
      );

      expect(await marking).toMatchObject({ changed: 11, unread: 2 });

      const left = await db.query<{ id: number }>({
        text: `select id from notifications where recipient_id = $1 and read_at is null order by id`,
        values: [ids.alice],
      });
      expect(left.map(({ id }) => id)).toEqual(arrivals.sort((a, b) => a - b));
      expect(await inboxOf(db, ids.alice)).toMatchObject({ unread: 2, total: 13 });
    });

    it('marking all read again completes a call that failed between two steps', async () => {
      const { admin, alice, ids, published } = await aStory();
      await createNotifications(
        admin,
        Array.from({ length: 9 }, () => aNotification(ids.alice)),
      );
      published.length = 0;
      let steps = 0;
      const failing = withStatements(db, {
        transaction: (work) => {
          steps += 1;
          return steps === 3 ? Promise.reject(new Error('gone')) : db.transaction(work);
        },
      });

      await expect(markAllRead({ ...alice, prisma: servicePrisma(failing) }, step)).rejects.toThrow('gone');
      const unread = (await inboxOf(db, ids.alice))?.unread;
      expect(unread).toBeLessThan(11);
      expect(unread).toBeGreaterThan(0);

      expect(await markAllRead(alice, step)).toMatchObject({ changed: unread, unread: 0 });
      expect(new Set(published.flat().flatMap(({ updated }) => updated ?? [])).size).toBe(11);
    });
  });

  it('refuses to mark all read for anonymous viewers', async () => {
    const { anonymous } = await people(db);

    expect(await failureOf(markAllRead(anonymous))).toEqual({ code: 'INVALID_CREDENTIALS' });
  });
});

describe('deleteNotifications', () => {
  it('deleting leaves tombstones and lowers the counts', async () => {
    const { admin, alice, ids, first, second, other, published } = await aStory();
    await setReadStatus(alice, second.id, true);
    published.length = 0;

    await deleteNotifications(admin, [second.id, first.id, other.id, first.id, 8_000_000_000]);

    expect(await inboxOf(db, ids.alice)).toEqual({ version: 5, unread: 0, total: 0 });
    expect(await inboxOf(db, ids.bob)).toEqual({ version: 2, unread: 0, total: 0 });
    expect(
      await db.query({
        text: `select recipient_id, version, id, uuid, deleted_at from notification_tombstones
               where recipient_id = $1 order by version`,
        values: [ids.alice],
      }),
    ).toEqual(
      [first, second].map(({ id, uuid: key }, index) => ({
        recipient_id: ids.alice,
        version: 4 + index,
        id,
        uuid: key,
        deleted_at: theTime.toISOString(),
      })),
    );
    expect(published).toHaveLength(1);
    expect(published[0]).toContainEqual({ recipient: ids.alice, from: 3, to: 5, deleted: [first.id, second.id] });
  });

  it('deleting again changes and publishes nothing', async () => {
    const { admin, first, published } = await aStory();
    await deleteNotifications(admin, [first.id]);
    published.length = 0;

    await deleteNotifications(admin, [first.id]);
    await deleteNotifications(admin, []);

    expect(published).toEqual([]);
  });

  it('lets only admins delete', async () => {
    const { alice, anonymous, first, ids } = await aStory();

    for (const context of [alice, anonymous]) {
      for (const keys of [[first.id], []]) {
        expect(await failureOf(deleteNotifications(context, keys))).toMatchObject({ code: 'FORBIDDEN' });
      }
    }
    expect(await inboxOf(db, ids.alice)).toMatchObject({ total: 2 });
  });

  it('refuses to delete too many ids', async () => {
    const { admin } = await people(db);
    const limited = { ...admin, limits: { ...admin.limits, batchMax: 1 } };

    expect(await failureOf(deleteNotifications(limited, [1, 2]))).toMatchObject({ code: 'INVALID_PAYLOAD' });
  });
});
