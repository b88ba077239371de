import { describe, expect, it } from '@jest/globals';
import { changeInbox, type InboxChange, undoInboxOperation } from '../../src/notifications/change-inbox.ts';
import { readInbox } from '../../src/notifications/inbox.ts';
import { type InboxAction, undoMs } from '../../src/notifications/inbox-actions.ts';
import { markInboxSeen } from '../../src/notifications/mark-seen.ts';
import { notificationColumns } from '../../src/notifications/model.ts';
import { stateOf } from '../../src/notifications/states.ts';
import { createNotifications, setReadStatus, updateNotifications } from '../../src/notifications/write.ts';
import { onTestDatabase } from '../support/database.ts';
import { aNotification, type Context, failureOf, inboxOf, people, theTime } from './people.ts';

const { db } = await onTestDatabase();
const later = '2026-12-24T08:00:00.000Z';
const allStates = { states: ['inbox', 'snoozed', 'archived'] } as const;
const figures = ['unseen', 'saved', 'snoozed'] as const;

/** A member with `count` notifications, oldest first. */
async function anInbox(count: number) {
  const all = await people(db);
  const { admin, alice, ids } = all;
  const create = async (more: number) =>
    createNotifications(
      admin,
      Array.from({ length: more }, () => aNotification(ids.alice)),
    );
  const rows = await create(count);
  const keys = rows.map(({ id }) => String(id));
  const act = (action: InboxAction, more: Partial<InboxChange> = {}) =>
    changeInbox(alice, { action, ids: keys, ...more });
  return { ...all, create, rows, keys, act, version: async () => (await inboxOf(db, ids.alice))?.version ?? 0 };
}

const read = async (context: Context) => {
  const page = await readInbox(context, notificationColumns, { filter: allStates }, figures);
  return { ...page, states: page.notifications.map((row) => stateOf(row)).reverse() };
};

describe('changeInbox', () => {
  it.each<[InboxAction, Partial<InboxChange>, InboxAction, object, object]>([
    ['read', {}, 'unread', { unread: 0, total: 2, unseen: 0 }, { unread: 2, total: 2, unseen: 0 }],
    ['archive', {}, 'unarchive', { unread: 0, total: 0, unseen: 0 }, { unread: 2, total: 2, unseen: 0 }],
    ['save', {}, 'unsave', { unread: 2, saved: 2, unseen: 2 }, { unread: 2, saved: 0, unseen: 2 }],
    ['snooze', { until: later }, 'unsnooze', { unread: 0, total: 0, snoozed: 2 }, { unread: 2, total: 2, snoozed: 0 }],
  ])('%s changes all, once, and is reversed by its opposite', async (action, more, opposite, after, back) => {
    const { act, alice, version, published } = await anInbox(2);
    const counts = async () => {
      const { unread, total, figures: counted } = await read(alice);
      return { unread, total, ...counted };
    };
    const before = await version();

    const done = await act(action, more);
    const counted = await counts();
    const again = await act(action, more);

    expect(done).toMatchObject({ action, changed: 2, skipped: 0, undoes: null });
    expect(again).toMatchObject({ changed: 0, skipped: 2, undoableUntil: null });
    expect(counted).toMatchObject(after);
    expect(await version()).toBe(before + 2);
    expect(published.at(-1)).toMatchObject([{ from: before, to: before + 2, updated: expect.any(Array) }]);
    expect(await act(opposite)).toMatchObject({ changed: 2 });
    expect(await counts()).toMatchObject(back);
  });

  it('takes keys of both kinds, and skips what is unknown or of others', async () => {
    const { alice, admin, ids, rows } = await anInbox(2);
    const [foreign] = await createNotifications(admin, [aNotification(ids.bob)]);
    const named = [`${rows[0]?.id}`, rows[1]?.uuid ?? '', `${foreign?.id}`, foreign?.uuid ?? '', '999999999'];

    const done = await changeInbox(alice, { action: 'archive', ids: named });

    expect(done).toMatchObject({ changed: 2, skipped: 3 });
    expect(await inboxOf(db, ids.bob)).toMatchObject({ unread: 1, total: 1 });
  });

  it('"all" takes what the page could show, and nothing that came or returned later', async () => {
    const { alice, admin, create, keys, rows, version } = await anInbox(4);
    await changeInbox(alice, { action: 'archive', ids: keys.slice(0, 1) });
    const upTo = await version();
    await create(1);
    await updateNotifications(alice, [rows[0]?.id ?? 0], { status: 'inbox' });
    await setReadStatus(admin, rows[1]?.id ?? 0, true);

    const unread = await changeInbox(alice, { action: 'save', allUpTo: upTo, filter: { read: false } });
    const all = await changeInbox(alice, { action: 'archive', allUpTo: upTo });

    expect(unread).toMatchObject({ changed: 2, skipped: 2 });
    expect(all).toMatchObject({ changed: 3, skipped: 2 });
    expect((await read(alice)).states).toEqual(['inbox', 'archived', 'archived', 'archived', 'inbox']);
  });

  it('a snoozed notification is archived with an end, which archiving and any return to the inbox remove', async () => {
    const { act, alice, keys, rows } = await anInbox(3);
    await act('read');
    await act('snooze', { until: later });
    const snoozed = (await read(alice)).notifications;
    const [one = '', two = ''] = keys;

    await changeInbox(alice, { action: 'archive', ids: [one] });
    await changeInbox(alice, { action: 'unsnooze', ids: [two] });
    await updateNotifications(alice, [rows[2]?.id ?? 0], { status: 'inbox' });

    expect(snoozed.map((row) => [row.status, row.snoozed_until])).toEqual(Array(3).fill(['archived', later]));
    const { states, notifications, figures: counted } = await read(alice);
    expect(states).toEqual(['archived', 'inbox', 'inbox']);
    expect(notifications.map((row) => row.snoozed_until)).toEqual([null, null, null]);
    expect(notifications.every((row) => row.read_at === theTime.toISOString())).toBe(true);
    expect(counted).toMatchObject({ snoozed: 0, unseen: 0 });
  });

  it('refuses contradictory input, and members who delete', async () => {
    const { act, alice, keys, anonymous } = await anInbox(1);

    const refused = [
      act('snooze'),
      act('snooze', { until: theTime.toISOString() }),
      act('snooze', { until: 'tomorrow' }),
      act('read', { until: later }),
      act('read', { allUpTo: 1 }),
      act('read', { filter: {} }),
      changeInbox(alice, { action: 'read' }),
    ];

    for (const one of refused) expect(await failureOf(one)).toMatchObject({ code: 'INVALID_PAYLOAD' });
    expect(await failureOf(act('delete'))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(changeInbox(anonymous, { action: 'read', ids: keys }))).toMatchObject({
      code: 'INVALID_CREDENTIALS',
    });
  });

  it('deletes for those who may, which cannot be undone', async () => {
    const { admin, ids, published } = await anInbox(0);
    const rows = await createNotifications(admin, [aNotification(ids.admin), aNotification(ids.admin)]);

    const done = await changeInbox(admin, { action: 'delete', ids: rows.map(({ id }) => `${id}`) });

    expect(done).toMatchObject({ changed: 2, undoableUntil: null });
    expect(await inboxOf(db, ids.admin)).toEqual({ version: 4, unread: 0, total: 0 });
    expect(published.at(-1)).toEqual([{ recipient: ids.admin, from: 2, to: 4, deleted: rows.map(({ id }) => id) }]);
    expect(await failureOf(undoInboxOperation(admin, done.id))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('undoInboxOperation', () => {
  it('restores everything as it was, and an undo can be undone', async () => {
    const { act, alice, keys } = await anInbox(3);
    await markInboxSeen(alice, 1);
    await changeInbox(alice, { action: 'read', ids: keys.slice(0, 1) });
    await changeInbox(alice, { action: 'snooze', ids: keys.slice(1, 2), until: later });
    const withoutVersions = async () => {
      const { notifications, unread, total, figures: counted } = await read(alice);
      const rows = notifications.map(({ version: _, state_version: __, ...row }) => ({ ...row, inbox_version: 0 }));
      return { rows, unread, total, counted };
    };
    const before = await withoutVersions();
    const { id } = await act('archive');
    const archived = await withoutVersions();

    const undo = await undoInboxOperation(alice, id);
    expect(await withoutVersions()).toEqual(before);
    const redo = await undoInboxOperation(alice, undo.id);

    expect(await withoutVersions()).toEqual(archived);
    expect(undo).toMatchObject({ action: 'archive', undoes: id, changed: 3, skipped: 0 });
    expect(redo).toMatchObject({ action: 'archive', undoes: undo.id, changed: 3 });
  });

  it('leaves what was changed since, and says how many', async () => {
    const { act, alice, admin, rows } = await anInbox(3);
    const { id } = await act('archive');
    await setReadStatus(admin, rows[0]?.id ?? 0, true);

    expect(await undoInboxOperation(alice, id)).toMatchObject({ changed: 2, skipped: 1 });
    expect((await read(alice)).states).toEqual(['archived', 'inbox', 'inbox']);
  });

  it('refuses an operation that is unknown, of somebody else, undone, or older than ten minutes', async () => {
    const { act, alice, bob } = await anInbox(1);
    const { id } = await act('save');
    const old = { ...alice, now: () => new Date(theTime.getTime() + undoMs) };

    for (const call of [
      undoInboxOperation(bob, id),
      undoInboxOperation(old, id),
      undoInboxOperation(alice, 'nonsense'),
      undoInboxOperation(alice, '00000000-0000-7000-8000-000000000000'),
    ]) {
      expect(await failureOf(call)).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await undoInboxOperation(alice, id)).toMatchObject({ changed: 1 });
    expect(await failureOf(undoInboxOperation(alice, id))).toMatchObject({ code: 'FORBIDDEN' });
  });
});
