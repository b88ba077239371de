import { describe, expect, it } from '@jest/globals';
import type { Queryable } from '../../src/database/database.ts';
import type { Notification } from '../../src/notifications/model.ts';
import {
  createNotifications,
  deleteNotifications,
  setReadStatus,
  updateNotifications,
} from '../../src/notifications/write.ts';
import { deleteUsers } from '../../src/users/write.ts';
import { onTestDatabase } from '../support/database.ts';
import { interruptedBefore } from '../support/interrupted.ts';
import { duringOpenTransaction, somebodyWaits } from '../support/locks.ts';
import { aNotification, failureOf, inboxOf, people } from './people.ts';

const { db } = await onTestDatabase({ poolSize: 10 });

async function aStory() {
  const everybody = await people(db);
  const [row] = await createNotifications(everybody.admin, [aNotification(everybody.ids.alice)]);
  if (!row) throw new Error('not created');
  return { ...everybody, id: row.id };
}

/** Runs `write` while another transaction holds the lock of the inbox, runs `meanwhile` and commits. */
function behindLock<Result>(
  recipient: string,
  meanwhile: (transaction: Queryable) => Promise<unknown>,
  write: () => Promise<Result>,
): Promise<Result> {
  const text = 'select from inboxes where recipient_id = $1 for no key update';
  const lock = (transaction: Queryable) => transaction.query({ text, values: [recipient] });
  return duringOpenTransaction(db, lock, write, meanwhile);
}

/** Moves an unread row with plain SQL, and changes the counts of both inboxes. */
const moveByHand = (id: number, from: string, to: string) => async (transaction: Queryable) => {
  await transaction.query({
    text: `update inboxes set unread = unread - 1, total = total - 1 where recipient_id = $1`,
    values: [from],
  });
  await transaction.query({
    text: `insert into inboxes (recipient_id, version, unread, total) values ($1, 1, 1, 1)`,
    values: [to],
  });
  await transaction.query({
    text: 'update notifications set recipient_id = $2, created_version = 1, version = 1 where id = $1',
    values: [id, to],
  });
};

describe('a notification that moves while a write waits for its inbox', () => {
  it('a notification that moves while an admin updates it is still updated', async () => {
    const { admin, ids, id } = await aStory();

    const rows = await behindLock(ids.alice, moveByHand(id, ids.alice, ids.bob), () =>
      updateNotifications(admin, [id], { status: 'archived' }),
    );

    expect(rows).toMatchObject([{ id, recipient_id: ids.bob, status: 'archived', version: 2 }]);
    expect(await inboxOf(db, ids.alice)).toMatchObject({ unread: 0, total: 0 });
    expect(await inboxOf(db, ids.bob)).toMatchObject({ unread: 0, total: 0 });
  });

  it('a notification that moves while an admin deletes it is still deleted', async () => {
    const { admin, ids, id } = await aStory();

    await behindLock(ids.alice, moveByHand(id, ids.alice, ids.bob), () => deleteNotifications(admin, [id]));

    expect(await inboxOf(db, ids.bob)).toEqual({ version: 2, unread: 0, total: 0 });
  });

  it('a notification that moves to another user while a member updates it is not updated', async () => {
    const { alice, ids, id } = await aStory();

    const update = behindLock(ids.alice, moveByHand(id, ids.alice, ids.bob), () =>
      updateNotifications(alice, [id], { status: 'archived' }),
    );

    expect(await failureOf(update)).toEqual({ code: 'FORBIDDEN' });
    expect(await failureOf(setReadStatus(alice, id, true))).toEqual({ code: 'FORBIDDEN' });
  });

  it('a notification that moves while an admin marks it read is still marked', async () => {
    const { admin, ids, id } = await aStory();

    const { notification } = await behindLock(ids.alice, moveByHand(id, ids.alice, ids.bob), () =>
      setReadStatus(admin, id, true),
    );

    expect(notification).toMatchObject({ recipient_id: ids.bob, version: 2 });
    expect(await inboxOf(db, ids.bob)).toMatchObject({ unread: 0 });
  });
});

describe('a write that waited for the inbox', () => {
  it('a write that waited for the inbox lock counts the current rows', async () => {
    const { alice, ids, id } = await aStory();
    const read = async (transaction: Queryable) => {
      await transaction.query({ text: 'update notifications set read_at = now() where id = $1', values: [id] });
      await transaction.query({ text: 'update inboxes set unread = 0 where recipient_id = $1', values: [ids.alice] });
    };

    const { unread } = await behindLock(ids.alice, read, () => setReadStatus(alice, id, true));

    expect(unread).toBe(0);
  });
});

describe('deleting a user', () => {
  it('deleting a user is retried when the user sends to another inbox meanwhile', async () => {
    const { admin, ids } = await aStory();
    const late = interruptedBefore(admin.prisma, 'user.lock', () =>
      createNotifications(admin, [aNotification(ids.admin, { sender: ids.bob })]),
    );

    await deleteUsers({ ...admin, prisma: late }, [ids.bob]);

    expect(await inboxOf(db, ids.admin)).toEqual({ version: 2, unread: 1, total: 1 });
    expect(
      await db.query({ text: 'select sender_id from notifications where recipient_id = $1', values: [ids.admin] }),
    ).toEqual([{ sender_id: null }]);
  });

  it('deleting a user publishes notifications in an inbox created after the locks', async () => {
    const { admin, ids, published } = await aStory();
    const send = () => createNotifications(admin, [aNotification(ids.bob)]);
    const rows: Notification[] = [];
    let late: Promise<Notification[]> = Promise.resolve([]);
    const slow = interruptedBefore(admin.prisma, 'user.lock', async () => rows.push(...(await send())));
    const slower = interruptedBefore(slow, 'inbox.deleteMany', () => {
      late = send();
      // The create commits before the delete sees the inbox, or waits until the recipient is deleted and fails.
      return Promise.race([late, somebodyWaits(db)]);
    });

    await deleteUsers({ ...admin, prisma: slower }, [ids.bob]);
    rows.push(...(await late.catch(() => [])));

    expect(rows.length).toBeGreaterThan(0);
    expect(published.flat().flatMap(({ deleted = [] }) => deleted)).toEqual(rows.map(({ id }) => id));
  });
});
