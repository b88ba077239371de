import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { inhibitExpired } from '../../src/dispatch/sql/inhibit-expired.ts';
import { mailOnCreate } from '../../src/dispatch/sql/mail-on-create.ts';
import { changeInbox } from '../../src/notifications/change-inbox.ts';
import { readInbox } from '../../src/notifications/inbox.ts';
import { runInboxTimers } from '../../src/notifications/inbox-timers.ts';
import { notificationColumns } from '../../src/notifications/model.ts';
import { stateOf } from '../../src/notifications/states.ts';
import { createNotifications, updateNotifications } from '../../src/notifications/write.ts';
import { seedTemplates } from '../../src/templates/system-templates.ts';
import { onTestDatabase } from '../support/database.ts';
import { violations } from './follower.ts';
import { aNotification, aSilentDispatchPort, type Context, inboxOf, people, theTime } from './people.ts';

const { db } = await onTestDatabase();
await seedTemplates(db.prisma);
const minute = 60_000;
const minutesLater = (minutes: number) => new Date(theTime.getTime() + minutes * minute);
const timersAt = (context: Context, minutes: number) =>
  runInboxTimers({
    prisma: context.prisma,
    bus: context.bus,
    now: () => minutesLater(minutes),
    inhibit: inhibitExpired,
  });
const everything = { filter: { states: ['inbox', 'snoozed', 'archived'] } } as const;
const figures = ['unseen', 'saved', 'snoozed'] as const;
const inbox = (context: Context, args = {}) => readInbox(context, notificationColumns, args, figures);

/** Alice's inbox with `count` notifications, oldest first. */
async function anInbox(count: number) {
  const all = await people(db);
  const rows = await createNotifications(
    all.admin,
    Array.from({ length: count }, () => aNotification(all.ids.alice)),
  );
  const keys = rows.map(({ id }) => `${id}`);
  const snooze = (ids: readonly string[], minutes: number) =>
    changeInbox(all.alice, { action: 'snooze', ids, until: minutesLater(minutes).toISOString() });
  return { ...all, rows, keys, snooze };
}

describe('the end of a snooze', () => {
  it('returns the notification unread, unseen and on top, with its former timestamp kept', async () => {
    const { alice, keys, snooze, ids, published } = await anInbox(2);
    const [first = ''] = keys;
    await changeInbox(alice, { action: 'read', ids: keys });
    await snooze([first], 10);
    const before = await inboxOf(db, ids.alice);

    await timersAt(alice, 9);
    expect(await inboxOf(db, ids.alice)).toEqual(before);
    const next = await timersAt(alice, 60);

    const { notifications, unread, total, figures: counted } = await inbox(alice);
    expect(notifications.map(({ id }) => `${id}`)).toEqual(keys);
    expect(notifications[0]).toMatchObject({
      status: 'inbox',
      read_at: null,
      snoozed_until: null,
      archived_at: null,
      timestamp: minutesLater(10).toISOString(),
      original_timestamp: theTime.toISOString(),
    });
    expect({ unread, total, ...counted }).toEqual({ unread: 1, total: 2, unseen: 1, saved: 0, snoozed: 0 });
    expect(published.at(-1)).toEqual([{ recipient: ids.alice, from: 5, to: 6, updated: [Number(first)] }]);
    expect(next).toBeNull();
  });

  it('happens once, also on several nodes at the same time, and not after a return by hand', async () => {
    const { alice, keys, snooze, ids } = await anInbox(3);
    await snooze(keys, 10);
    await changeInbox(alice, { action: 'unsnooze', ids: keys.slice(0, 1) });
    await updateNotifications(alice, [Number(keys[1])], { status: 'inbox' });

    await Promise.all(Array.from({ length: 4 }, () => timersAt(alice, 11)));

    expect(await inboxOf(db, ids.alice)).toEqual({ version: 9, unread: 3, total: 3 });
    expect((await inbox(alice)).notifications.map(({ original_timestamp }) => original_timestamp)).toEqual([
      theTime.toISOString(),
      null,
      null,
    ]);
  });

  it('tells when the next snooze ends', async () => {
    const { alice, keys, snooze } = await anInbox(2);
    await snooze(keys.slice(0, 1), 600);
    await snooze(keys.slice(1), 500);

    expect(await timersAt(alice, 12)).toEqual(minutesLater(500));
    expect(await timersAt(alice, 501)).toEqual(minutesLater(600));
    expect(await timersAt(alice, 601)).toBeNull();
  });

  it('returns those of more inboxes than one round locks', async () => {
    const { alice } = await people(db);
    const ids = Array.from({ length: 1_201 }, () => uuid());
    await db.query({ text: 'insert into users (id) select unnest($1::uuid[])', values: [ids] });
    await db.query({
      text: 'insert into inboxes (recipient_id, version) select unnest($1::uuid[]), 1',
      values: [ids],
    });
    await db.query({
      text: `insert into notifications (uuid, recipient_id, status, snoozed_until, subject, created_version, version)
             select id, id, 'archived', $2, 'Later', 1, 1 from unnest($1::uuid[]) as id`,
      values: [ids, minutesLater(13).toISOString()],
    });

    await timersAt(alice, 14);

    const [counted] = await db.query<{ inboxes: number; unread: number }>({
      text: `select count(*)::int as inboxes, sum(unread)::int as unread from inboxes
             where recipient_id = any ($1) and version = 2`,
      values: [ids],
    });
    expect(counted).toEqual({ inboxes: 1_201, unread: 1_201 });
    expect(await violations(db, ids)).toEqual([]);
  });
});

describe('the expiry of notifications', () => {
  it('archives or deletes them when due, also snoozed ones, and once', async () => {
    const { alice, admin, ids } = await people(db);
    const expires_at = minutesLater(20).toISOString();
    const rows = await createNotifications(admin, [
      aNotification(ids.alice, { expires_at }),
      aNotification(ids.alice, { expires_at, on_expiry: 'delete' }),
      aNotification(ids.alice, { expires_at }),
      aNotification(ids.alice, { expires_at: minutesLater(2000).toISOString() }),
    ]);
    await changeInbox(alice, { action: 'snooze', ids: [`${rows[2]?.id}`], until: minutesLater(19).toISOString() });

    await timersAt(alice, 21);
    await changeInbox(alice, { action: 'unarchive', ids: [`${rows[0]?.id}`] });
    await timersAt(alice, 22);

    const { notifications, unread, total, figures: counted } = await inbox(alice, everything);
    expect(notifications.map((row) => [row.id, stateOf(row), row.expires_at !== null])).toEqual([
      [rows[3]?.id, 'inbox', true],
      [rows[2]?.id, 'archived', false],
      [rows[0]?.id, 'inbox', false],
    ]);
    expect({ unread, total, ...counted }).toEqual({ unread: 2, total: 2, unseen: 1, saved: 0, snoozed: 0 });
    expect(await violations(db, [ids.alice])).toEqual([]);
    await timersAt(alice, 2001);
    expect(await inboxOf(db, ids.alice)).toMatchObject({ total: 1 });
  });

  it('inhibits the deliveries about them that have not been sent', async () => {
    const { admin, ids } = await people(db);
    const address = `${ids.alice}@example.com`;
    await db.query({ text: 'update users set email = $2 where id = $1', values: [ids.alice, address] });
    const mailing = { ...admin, dispatch: aSilentDispatchPort({ mailOnCreate }) };
    const expires_at = minutesLater(30).toISOString();
    await createNotifications(mailing, [
      aNotification(ids.alice, { expires_at }),
      aNotification(ids.alice, { expires_at, on_expiry: 'delete' }),
      aNotification(ids.alice),
    ]);

    await timersAt(admin, 31);

    const deliveries = await db.query({
      text: `select status, status_reason, exists (select from queued_deliveries where delivery_id = id) as queued
             from deliveries where user_id = $1 order by status, id`,
      values: [ids.alice],
    });
    expect(deliveries).toEqual([
      { status: 'inhibited', status_reason: 'expired', queued: false },
      { status: 'inhibited', status_reason: 'expired', queued: false },
      { status: 'pending', status_reason: null, queued: true },
    ]);
  });
});
