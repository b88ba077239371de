import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { createNotifications, setReadStatus } from '../../src/notifications/write.ts';
import { createUsers, deleteUsers, updateUsers } from '../../src/users/write.ts';
import { aNotification, aUser, failureOf, inboxOf, people } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase({ poolSize: 10 });

const rowsOf = (recipient: string) =>
  db.query<{ id: number; sender_id: string | null; version: number }>({
    text: 'select id, sender_id, version from notifications where recipient_id = $1 order by id',
    values: [recipient],
  });

describe('deleteUsers', () => {
  it('deleting a user deletes the inbox and keeps sent notifications without a sender', async () => {
    const { admin, alice, ids, published } = await people(db);
    const [kept, , ...gone] = await createNotifications(admin, [
      aNotification(ids.alice, { sender: ids.bob }),
      aNotification(ids.alice, { sender: ids.admin }),
      aNotification(ids.bob, { sender: ids.bob }),
      aNotification(ids.bob, { sender: ids.alice }),
    ]);
    await setReadStatus(alice, kept?.id ?? 0, true);
    published.length = 0;

    await deleteUsers(admin, [ids.bob.toUpperCase(), ids.bob]);

    expect(await rowsOf(ids.alice)).toMatchObject([
      { id: kept?.id, sender_id: null, version: 4 },
      { sender_id: ids.admin, version: 2 },
    ]);
    expect(await inboxOf(db, ids.alice)).toEqual({ version: 4, unread: 1, total: 2 });
    expect(await rowsOf(ids.bob)).toEqual([]);
    expect(await inboxOf(db, ids.bob)).toBeNull();
    expect(await db.prisma.user.findUnique({ where: { id: ids.bob } })).toBeNull();
    expect(published).toEqual([
      [
        { recipient: ids.alice, from: 3, to: 4, updated: [kept?.id] },
        { recipient: ids.bob, from: 2, to: 2, deleted: gone.map(({ id }) => id) },
      ],
    ]);
  });

  it('deleting a user may be repeated', async () => {
    const { admin, ids } = await people(db);
    await deleteUsers(admin, [ids.bob]);

    await deleteUsers(admin, [ids.bob, uuid()]);
    await deleteUsers(admin, []);
  });

  it('lets only admins delete users, and refuses malformed ids', async () => {
    const { admin, alice, anonymous, ids } = await people(db);

    expect(await failureOf(deleteUsers(alice, [ids.alice]))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(deleteUsers(anonymous, []))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(deleteUsers(admin, ['1']))).toEqual({ code: 'FORBIDDEN' });
  });

  it('deleting a user succeeds while the user sends notifications', async () => {
    const { admin, ids } = await people(db);
    const recipients = await Promise.all(Array.from({ length: 30 }, () => aUser(db)));

    const sending = recipients.map(async (recipient) => {
      try {
        await createNotifications(admin, [aNotification(recipient, { sender: ids.bob })]);
        return 'sent';
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
    });
    await deleteUsers(admin, [ids.bob]);
    const outcomes = await Promise.all(sending);

    expect(outcomes.filter((outcome) => outcome !== 'sent' && outcome !== 'INVALID_FOREIGN_KEY')).toEqual([]);
    const senders = await Promise.all(recipients.map(rowsOf));
    expect(senders.flat().filter(({ sender_id }) => sender_id !== null)).toEqual([]);
  });
});

describe('the last active admin', () => {
  it('the last active admin cannot be deleted, suspended or given another role', async () => {
    const { admin, ids } = await people(db);
    await db.query({ text: `update users set role = 'member' where id <> $1`, values: [ids.admin] });
    const expected = { code: 'FORBIDDEN', reason: expect.stringContaining('last active admin') };

    expect(await failureOf(deleteUsers(admin, [ids.alice, ids.admin]))).toEqual(expected);
    for (const role of ['member', 'operator', 'reader']) {
      expect(await failureOf(updateUsers(admin, [ids.admin], { role }))).toEqual(expected);
    }
    expect(await failureOf(updateUsers(admin, [ids.alice, ids.admin], { status: 'suspended' }))).toEqual(expected);

    expect(await db.prisma.user.findUnique({ where: { id: ids.alice } })).toMatchObject({ status: 'active' });
    const [second] = await createUsers(admin, [{ role: 'admin' }]);
    await updateUsers(admin, [ids.admin], { role: 'operator' });
    expect(await db.prisma.user.findUnique({ where: { id: ids.admin } })).toMatchObject({ role: 'operator' });
    expect(await failureOf(deleteUsers(admin, [second ?? '']))).toEqual(expected);
  });

  it('one admin stays when the last two are removed concurrently', async () => {
    const { admin, ids } = await people(db);
    const second = await aUser(db, 'admin');
    await db.query({ text: `update users set role = 'member' where id <> all ($1)`, values: [[ids.admin, second]] });

    const outcomes = await Promise.allSettled([
      deleteUsers(admin, [ids.admin]),
      updateUsers(admin, [second], { status: 'suspended' }),
    ]);

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await db.prisma.user.count({ where: { role: 'admin', status: 'active' } })).toBe(1);
  });
});
