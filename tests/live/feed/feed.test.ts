import { describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import type { Queryable } from '../../../src/database/database.ts';
import { type Bus, type BusListener, createMemoryBus } from '../../../src/live/bus/bus.ts';
import { encodeCursor } from '../../../src/live/feed/cursor.ts';
import type { FeedChange } from '../../../src/live/feed/feed-change.ts';
import { readInbox } from '../../../src/notifications/inbox.ts';
import type { InboxFilter } from '../../../src/notifications/inbox-filter.ts';
import {
  createNotifications,
  deleteNotifications,
  markAllRead,
  setReadStatus,
  updateNotifications,
} from '../../../src/notifications/write.ts';
import { createUsers, deleteUsers } from '../../../src/users/write.ts';
import { aNotification, aUser, contextFor, failureOf } from '../../notifications/people.ts';
import { onTestDatabase } from '../../support/database.ts';
import { withStatements } from '../../support/statements.ts';
import { aFeed, inShort, take } from '../stage.ts';

const { db } = await onTestDatabase();

const short = (changes: readonly FeedChange[]) => changes.map(inShort);

describe('the feed of an inbox', () => {
  it('a feed sends every kind of change live, with the unread count of that moment', async () => {
    const { open, admin, own, recipient } = await aFeed(db);
    const other = await aUser(db);
    const changes = await open();
    const seen: string[] = [];
    const see = async (count = 1) => void seen.push(...short(await take(changes, count)));

    const [one, two] = await createNotifications(admin, [aNotification(recipient), aNotification(recipient)]);
    if (!one || !two) throw new Error('not created');
    await see(2);
    await setReadStatus(own, one.id, true);
    await see();
    await setReadStatus(own, one.id, false);
    await see();
    await updateNotifications(own, [one.id], { status: 'archived' });
    await see();
    await updateNotifications(own, [one.id], { status: 'inbox' });
    await see();
    await updateNotifications(admin, [two.id], { subject: 'Other' });
    await see();
    await markAllRead(own);
    await see(2);
    await updateNotifications(admin, [one.id], { recipient: other });
    await see();
    await deleteNotifications(admin, [two.id]);
    await see();
    await updateNotifications(admin, [one.id], { recipient });
    await see();

    expect(seen).toEqual([
      `created ${one.id}, 2 unread`,
      `created ${two.id}, 2 unread`,
      `updated ${one.id}, 1 unread`,
      `updated ${one.id}, 2 unread`,
      `deleted ${one.id}, 1 unread`,
      `updated ${one.id}, 2 unread`,
      `updated ${two.id}, 2 unread`,
      `updated ${one.id}, 0 unread`,
      `updated ${two.id}, 0 unread`,
      `deleted ${one.id}, 0 unread`,
      `deleted ${two.id}, 0 unread`,
      `created ${one.id}, 0 unread`,
    ]);
  });

  it('a feed sends an archived notification with its row and a deleted one without', async () => {
    const { open, admin, own, recipient } = await aFeed(db);
    const [row] = await createNotifications(admin, [aNotification(recipient)]);
    if (!row) throw new Error('not created');
    const changes = await open();

    await updateNotifications(own, [row.id], { status: 'archived' });
    const [archived] = await take(changes, 1);
    await deleteNotifications(admin, [row.id]);
    const [deleted] = await take(changes, 1);

    expect(archived).toMatchObject({ kind: 'deleted', notification: { id: row.id, status: 'archived' } });
    expect(deleted).toMatchObject({ kind: 'deleted', notification: null, key: row.id });
  });

  it('a feed continues from the cursor of an inbox without gaps or repeats', async () => {
    const { open, inbox, admin, own, recipient } = await aFeed(db);
    await createNotifications(admin, [aNotification(recipient), aNotification(recipient)]);
    const { cursor, notifications } = await inbox();
    const [three] = await createNotifications(admin, [aNotification(recipient)]);
    const [existing] = notifications;
    if (!three || !existing) throw new Error('not created');
    await setReadStatus(own, existing.id, true);

    const changes = await open({ after: cursor });

    expect(short(await take(changes, 2))).toEqual([
      `created ${three.id}, 2 unread`,
      `updated ${existing.id}, 2 unread`,
    ]);
  });

  it('a feed continues from the cursor of any change', async () => {
    const { open, inbox, admin, recipient } = await aFeed(db);
    const { cursor } = await inbox();
    await createNotifications(
      admin,
      Array.from({ length: 5 }, () => aNotification(recipient)),
    );

    const all = await take(await open({ after: cursor }), 5);
    const after = await Promise.all(all.map(async (change) => open({ after: change.cursor })));
    await createNotifications(admin, [aNotification(recipient)]);
    const rests = await Promise.all(after.map((changes, index) => take(changes, 5 - index)));

    const keys = all.map(({ key }) => key);
    expect(rests.map((rest) => rest.map(({ key }) => key).slice(0, -1))).toEqual(
      keys.map((_, index) => keys.slice(index + 1)),
    );
  });

  it('a feed corrects an unread count that included rows archived before they were sent', async () => {
    const { open, inbox, admin, own, recipient } = await aFeed(db);
    const { cursor } = await inbox();
    const [, late] = await createNotifications(admin, [aNotification(recipient), aNotification(recipient)]);
    const first = await open({ after: cursor });
    const seen = await take(first, 1);
    await first.return?.();
    await updateNotifications(own, [late?.id ?? 0], { status: 'archived' });

    const again = await open({ after: seen[0]?.cursor ?? '' });
    const [marker] = await createNotifications(admin, [aNotification(recipient, { status: 'archived' })]);
    await deleteNotifications(admin, [marker?.id ?? 0]);
    seen.push(...(await take(again, 1)));

    expect(seen).toMatchObject([
      { kind: 'created', unread: 2 },
      { kind: 'deleted', key: late?.id, unread: 1 },
    ]);
  });

  it('a feed sends a row that changed several times once, in its current state', async () => {
    const { open, inbox, admin, recipient } = await aFeed(db);
    const { cursor } = await inbox();
    const [row] = await createNotifications(admin, [aNotification(recipient)]);
    if (!row) throw new Error('not created');
    for (const subject of ['Two', 'Three']) await updateNotifications(admin, [row.id], { subject });
    const [last] = await createNotifications(admin, [aNotification(recipient)]);

    const changes = await take(await open({ after: cursor }), 2);

    expect(changes).toMatchObject([
      { kind: 'created', notification: { id: row.id, subject: 'Three' } },
      { kind: 'created', notification: { id: last?.id } },
    ]);
  });

  it('a feed reads a long backlog in batches and then follows live', async () => {
    const { open, inbox, admin, recipient } = await aFeed(db);
    const { cursor } = await inbox();
    const rows = await createNotifications(
      admin,
      Array.from({ length: 1_050 }, (_, index) => aNotification(recipient, { subject: `${index}` })),
    );

    const changes = await open({ after: cursor });
    const missed = await take(changes, rows.length);
    await createNotifications(admin, [aNotification(recipient, { subject: 'Live' })]);
    const [live] = await take(changes, 1);

    expect(missed.map(({ key }) => key)).toEqual(rows.map(({ id }) => id));
    expect(live).toMatchObject({ kind: 'created', notification: { subject: 'Live' } });
  });

  it('a feed cuts a batch that has too many bytes', async () => {
    const { open, inbox, admin, recipient } = await aFeed(db);
    const { cursor } = await inbox();
    const message = 'x'.repeat(900_000);
    const rows = await createNotifications(
      admin,
      Array.from({ length: 20 }, () => aNotification(recipient, { message })),
    );

    const changes = await take(await open({ after: cursor }), rows.length);

    expect(changes.map(({ key }) => key)).toEqual(rows.map(({ id }) => id));
  });

  it('a feed sends a slow reader the current state instead of buffering without limit', async () => {
    const { open, admin, own, recipient, inbox } = await aFeed(db);
    const changes = await open();
    const [existing] = await createNotifications(admin, [aNotification(recipient)]);
    await take(changes, 1);

    // There are more changes than the buffer holds, and every row is changed once more.
    for (let round = 0; round < 6; round += 1) {
      const items = Array.from({ length: 300 }, () => aNotification(recipient));
      await createNotifications(admin, items);
      await markAllRead(own);
    }
    const { cursor } = await inbox();
    const seen: FeedChange[] = [];
    while (seen.at(-1)?.cursor !== cursor) seen.push(...(await take(changes, 1)));

    const newest = new Map(seen.map((change) => [change.key, change]));
    expect(newest.size).toBe(1_801);
    expect(newest.has(existing?.id ?? 0)).toBe(true);
    expect([...newest.values()].filter(({ notification }) => notification?.read_at === null)).toEqual([]);
    expect(seen.length).toBeLessThan(3_000);
    expect(seen.at(-1)?.unread).toBe(0);
  });

  it('a feed stops following the inbox when the reader returns', async () => {
    const { open, admin, recipient, errors } = await aFeed(db);
    const changes = await open();
    const pending = changes.next();

    await changes.return?.();
    await createNotifications(admin, [aNotification(recipient)]);

    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await changes.next()).toEqual({ done: true, value: undefined });
    expect(errors).toEqual([]);
  });

  it('a feed reads once for all followers that have caught up', async () => {
    const asked: (string | undefined)[] = [];
    const counting: Queryable = {
      query: (sql) => {
        asked.push(sql.name);
        return db.query(sql);
      },
    };
    const { open, admin, recipient } = await aFeed(withStatements(db, counting));
    const readers = await Promise.all(Array.from({ length: 20 }, () => open()));
    const firsts = readers.map((changes) => changes.next());
    await createNotifications(admin, [aNotification(recipient)]);
    await Promise.all(firsts);
    asked.splice(0);

    const seconds = readers.map((changes) => changes.next());
    await createNotifications(admin, [aNotification(recipient)]);
    const received = await Promise.all(seconds);

    expect(asked.filter((name) => name !== 'insert_notification')).toEqual(['read_inbox_changes']);
    // All followers get the same object, so that the fields of its change are resolved only once.
    expect(new Set(received.map(({ value }) => value)).size).toBe(1);
  });

  it('a feed finds changes whose bus message was lost', async () => {
    const deaf: Bus = { ...createMemoryBus(), publish: () => undefined };
    const { open, admin, recipient } = await aFeed(db, { bus: deaf, checkMs: 20 });
    const changes = await open();
    const next = take(changes, 1);

    const [row] = await createNotifications(admin, [aNotification(recipient)]);

    expect(await next).toMatchObject([{ kind: 'created', key: row?.id }]);
  });

  it('a feed reads immediately when the bus reports an interruption', async () => {
    const listeners = new Set<BusListener>();
    const deaf: Bus = {
      ...createMemoryBus(),
      publish: () => undefined,
      follow(_recipient, listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const { open, admin, recipient } = await aFeed(db, { bus: deaf });
    const changes = await open();
    const next = take(changes, 1);
    const [row] = await createNotifications(admin, [aNotification(recipient)]);

    for (const listener of listeners) listener.interrupted();

    expect(await next).toMatchObject([{ kind: 'created', key: row?.id }]);
  });

  it('a feed continues when an unavailable database recovers', async () => {
    let isDown = false;
    const shaky: Queryable = {
      query: (sql) => (isDown ? Promise.reject(new Error('no database')) : db.query(sql)),
    };
    const { feed, recipient, admin, bus, errors } = await aFeed(withStatements(db, shaky), { checkMs: 20 });
    const writer = contextFor(db, admin.viewer, { bus });
    const changes = await feed.open({ recipient });
    const next = take(changes, 1);
    isDown = true;
    const [row] = await createNotifications(writer, [aNotification(recipient)]);
    while (errors.length === 0) await new Promise(setImmediate);

    isDown = false;

    expect(await next).toMatchObject([{ kind: 'created', key: row?.id }]);
  });

  it('a feed reports one error per outage of the database, however many queries fail', async () => {
    let isDown = false;
    let refused = 0;
    const shaky: Queryable = {
      query(sql) {
        if (!isDown) return db.query(sql);
        refused += 1;
        return Promise.reject(new Error('no database'));
      },
    };
    const { feed, recipient, admin, bus, errors } = await aFeed(withStatements(db, shaky), { checkMs: 20 });
    const writer = contextFor(db, admin.viewer, { bus });
    const recipients = [recipient, await aUser(db), await aUser(db)];
    const items = recipients.map((one) => aNotification(one));
    const all = await Promise.all(recipients.map((one) => feed.open({ recipient: one })));
    const outage = async () => {
      const next = all.map((changes) => take(changes, 1));
      isDown = true;
      refused = 0;
      await createNotifications(writer, items);
      // Each feed retries its read many times.
      while (refused < 20) await new Promise(setImmediate);
      isDown = false;
      await Promise.all(next);
    };

    await outage();
    expect(errors).toHaveLength(1);
    await outage();
    expect(errors).toHaveLength(2);
  });
});

describe('a feed of a user deleted and created again', () => {
  it.each([
    ['that receives bus messages', undefined],
    // The reading feed is on another bus, so that only polling finds changes.
    ['that receives no bus messages', createMemoryBus()],
  ])('an open feed is reset once when its user is deleted and created again, on a node %s', async (_what, bus) => {
    const { feed, admin, recipient, bus: writers } = await aFeed(db, { checkMs: 5 });
    const reading = bus === undefined ? feed : (await aFeed(db, { bus, checkMs: 5 })).feed;
    expect(writers).not.toBe(bus);
    const changes = await reading.open({ recipient });
    const first = take(changes, 2);
    await createNotifications(admin, [aNotification(recipient), aNotification(recipient)]);
    await first;
    const waiting = take(changes, 1);

    await deleteUsers(admin, [recipient]);
    await createUsers(admin, [{ id: recipient }]);
    // As many rows as before: if versions started over, the inbox would have the version of the open feed again.
    const rows = await createNotifications(admin, [aNotification(recipient), aNotification(recipient)]);
    const [reset] = await waiting;
    const [last] = await createNotifications(admin, [aNotification(recipient)]);
    const later: FeedChange[] = [];
    while (later.at(-1)?.key !== last?.id) later.push(...(await take(changes, 1)));

    expect(reset?.kind).toBe('reset');
    // The total of the reset counts the rows that existed when it was read; only later rows are sent.
    const keys = [...rows, last].map((row) => row?.id);
    expect(later.map(({ kind, key }) => `${kind} ${key}`)).toEqual(
      keys.slice(reset?.total).map((key) => `created ${key}`),
    );
  });

  it('a slow reader gets one reset when its user is deleted and created again', async () => {
    const { open, admin, recipient } = await aFeed(db);
    await createNotifications(admin, [aNotification(recipient)]);
    const changes = await open();
    const first = take(changes, 1);
    await createNotifications(admin, [aNotification(recipient), aNotification(recipient)]);
    await first;

    await deleteUsers(admin, [recipient]);
    await createUsers(admin, [{ id: recipient }]);
    const rows = await createNotifications(
      admin,
      Array.from({ length: 4 }, () => aNotification(recipient)),
    );
    const seen: FeedChange[] = [];
    while (seen.at(-1)?.kind !== 'reset') seen.push(...(await take(changes, 1)));

    expect(seen.filter(({ kind }) => kind === 'reset')).toMatchObject([{ unread: rows.length, total: rows.length }]);
  });
});

describe('a filtered feed', () => {
  it('a filtered feed sends rows that stop matching as deleted, rows that match again as updated, and only matching new rows', async () => {
    const { open, admin, own, recipient } = await aFeed(db);
    const changes = await open({ filter: { read_status: 'unread' } });
    const [one] = await createNotifications(admin, [aNotification(recipient)]);
    if (!one) throw new Error('not created');
    const seen = await take(changes, 1);

    await setReadStatus(own, one.id, true);
    seen.push(...(await take(changes, 1)));
    await createNotifications(admin, [aNotification(recipient, { status: 'archived' })]);
    await setReadStatus(own, one.id, false);
    seen.push(...(await take(changes, 1)));

    expect(short(seen)).toEqual([
      `created ${one.id}, 1 unread`,
      `deleted ${one.id}, 0 unread`,
      `updated ${one.id}, 1 unread`,
    ]);
  });

  it('a filtered feed shows the same rows as a filtered list', async () => {
    const { open, inbox, admin, own, recipient } = await aFeed(db);
    const { cursor } = await inbox();
    const [a = '', b = '', c = ''] = [uuid(), uuid(), uuid()];
    const rows = await createNotifications(
      admin,
      Array.from({ length: 12 }, () => aNotification(recipient)),
    );
    const targetsOf = [[], [a], [a, b], [b, c]];
    const time = new Date().toISOString();
    for (const [index, { id }] of rows.entries()) {
      await db.query({
        text: `update notifications set targets = $2::uuid[], read_at = $3, saved_at = $4, status = $5, snoozed_until = $6
               where id = $1`,
        values: [
          id,
          targetsOf[index % 4],
          index % 3 === 0 ? time : null,
          index % 2 === 0 ? time : null,
          index > 6 ? 'archived' : 'inbox',
          index > 9 ? time : null,
        ],
      });
    }
    const filters: InboxFilter[] = [
      {},
      { read_status: 'read' },
      { read_status: 'unread', targets: [a] },
      { targets: [b, a] },
      { targets: [c.toUpperCase()] },
      { templates: [uuid()] },
      { filter: { states: ['archived'] } },
      { filter: { states: ['snoozed', 'inbox'], saved: false } },
      { read_status: 'unread', filter: { states: ['inbox', 'snoozed', 'archived'], saved: true } },
      { filter: { not: { read: true, not: { targets: [a] } } } },
      { filter: { states: ['archived', 'snoozed'], not: { states: ['snoozed'], templates: [uuid()] } } },
    ];

    const listed = [];
    const followed = [];
    for (const filter of filters) {
      const { notifications } = await readInbox(own, ['id'], { ...filter, limit: 100 });
      listed.push(notifications.map(({ id }) => id).toSorted((x, y) => x - y));
      const changes = await open({ after: cursor, filter });
      const [marker] = await createNotifications(admin, [aNotification(recipient)]);
      if (!marker) throw new Error('not created');
      await deleteNotifications(admin, [marker.id]);
      const seen: FeedChange[] = [];
      while (!seen.some(({ key }) => key === marker.id)) seen.push(...(await take(changes, 1)));
      followed.push(seen.filter(({ kind }) => kind === 'created').map(({ key }) => key));
    }

    expect(followed).toEqual(listed);
  });

  it('a filtered feed refuses a malformed UUID', async () => {
    const { open } = await aFeed(db);

    expect(await failureOf(open({ filter: { targets: ['x'] } }))).toMatchObject({
      code: 'FAILED_VALIDATION',
      field: 'targets',
    });
  });
});

describe('a cursor', () => {
  it.each([
    ['a cursor of another store', (own: string) => ({ database: uuid(), recipient: own, version: 0 })],
    ['a cursor of another inbox', () => ({ database: 'this', recipient: uuid(), version: 0 })],
    [
      'a cursor from the future of a restored store',
      (own: string) => ({ database: 'this', recipient: own, version: 99 }),
    ],
  ])('%s gives one reset, then later changes', async (_what, cursorOf) => {
    const { open, inbox, admin, recipient } = await aFeed(db);
    await createNotifications(admin, [aNotification(recipient)]);
    const { cursor } = await inbox();
    const [database = ''] = Buffer.from(cursor, 'base64url').toString().split('.');
    const given = cursorOf(recipient);
    const after = encodeCursor({ ...given, database: given.database === 'this' ? database : given.database });

    const changes = await open({ after });
    const [reset] = await take(changes, 1);
    const [row] = await createNotifications(admin, [aNotification(recipient)]);
    const [next] = await take(changes, 1);

    expect(reset).toEqual({ kind: 'reset', notification: null, key: null, unread: 1, total: 1, cursor });
    expect(next).toMatchObject({ kind: 'created', key: row?.id });
  });

  it('a cursor older than the retention of tombstones gives a reset', async () => {
    const { open, inbox, admin, recipient } = await aFeed(db);
    const { cursor } = await inbox();
    await createNotifications(admin, [aNotification(recipient)]);
    await db.query({ text: 'update inboxes set purged_version = 1 where recipient_id = $1', values: [recipient] });

    const [reset] = await take(await open({ after: cursor }), 1);
    const { cursor: now } = await inbox();

    expect(reset).toMatchObject({ kind: 'reset', cursor: now });
  });

  it('a cursor of a user deleted and created again gives one reset, then later changes', async () => {
    const { open, inbox, admin, recipient } = await aFeed(db);
    for (const life of [1, 2]) {
      await createNotifications(admin, [aNotification(recipient), aNotification(recipient)]);
      const before = await inbox();

      await deleteUsers(admin, [recipient]);
      await createUsers(admin, [{ id: recipient }]);
      const missed = await createNotifications(
        admin,
        Array.from({ length: 5 }, () => aNotification(recipient)),
      );
      const changes = await open({ after: before.cursor });
      const [reset] = await take(changes, 1);
      const now = await inbox();
      const [row] = await createNotifications(admin, [aNotification(recipient)]);
      const [next] = await take(changes, 1);

      expect({ life, reset }).toMatchObject({ reset: { kind: 'reset', unread: 5, total: 5, cursor: now.cursor } });
      expect(now.notifications).toHaveLength(missed.length);
      expect(next).toMatchObject({ kind: 'created', key: row?.id, unread: 6 });
      await changes.return?.();
    }
  });

  it('a cursor of the empty inbox of a recreated user continues without a reset', async () => {
    const { open, inbox, admin, recipient } = await aFeed(db);
    await createNotifications(admin, [aNotification(recipient)]);
    await deleteUsers(admin, [recipient]);
    await createUsers(admin, [{ id: recipient }]);

    const { cursor, total } = await inbox();
    const rows = await createNotifications(admin, [aNotification(recipient), aNotification(recipient)]);
    const changes = await take(await open({ after: cursor }), 2);

    expect(total).toBe(0);
    expect(short(changes)).toEqual(rows.map(({ id }) => `created ${id}, 2 unread`));
  });

  it.each(['', 'nonsense', Buffer.from('a.b.c').toString('base64url')])(
    'a malformed cursor is refused: %j',
    async (after) => {
      const { open } = await aFeed(db);

      expect(await failureOf(open({ after }))).toMatchObject({
        code: 'INVALID_QUERY',
        reason: '"after" is not a cursor',
      });
    },
  );
});
