import fc from 'fast-check';
import { userViewer } from '../../src/auth/viewer.ts';
import { inhibitExpired } from '../../src/dispatch/sql/inhibit-expired.ts';
import { changeInbox, undoInboxOperation } from '../../src/notifications/change-inbox.ts';
import { inboxActions } from '../../src/notifications/inbox-actions.ts';
import { runInboxTimers } from '../../src/notifications/inbox-timers.ts';
import { markInboxSeen } from '../../src/notifications/mark-seen.ts';
import {
  createNotifications,
  deleteNotifications,
  markAllRead,
  setReadStatus,
  updateNotifications,
  updateNotificationsBatch,
} from '../../src/notifications/write.ts';
import { deleteUsers } from '../../src/users/write.ts';
import type { Context } from './people.ts';
import { aNotification, contextFor } from './people.ts';

/** Number of users in a run; the last two may be deleted during it. */
export const userCount = 5;

const user = fc.nat(userCount - 1);
const status = fc.constantFrom('inbox', 'archived');
// Notifications are chosen by index, modulo the number created so far.
const pick = fc.nat(50);
const picks = fc.array(pick, { minLength: 1, maxLength: 6 });
const to = fc.array(user, { minLength: 1, maxLength: 5 });
const dayMs = 24 * 60 * 60 * 1000;
const leaving = fc.constantFrom(userCount - 2, userCount - 1);

/** Any kind of write that the service supports. */
export const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('create'), to, from: fc.option(user), status, expires: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read'), pick, isRead: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('read all'), of: user }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set status'), picks, status }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move'), picks, to: user }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('batch'), picks, to: user, status }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete'), picks }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete user'), of: leaving }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('bulk'),
      of: user,
      action: fc.constantFrom(...inboxActions.filter((action) => action !== 'delete')),
      picks,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo'), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('seen'), of: user }) },
  // A day later, all snoozes have ended, and what expires has expired.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('timers') }) },
);
export type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

/** The users and notifications of a run. */
export interface Run {
  readonly admin: Context;
  readonly users: readonly string[];
  /** Keys created so far, including deleted ones. */
  readonly keys: number[];
  /** Operations so far that can be undone: their users and ids. */
  readonly operations: { readonly of: number; readonly id: string }[];
  /** Marks one notification. A test replaces it by a faulty version, to prove that the checks detect the fault. */
  readonly mark: (context: Context, key: number, isRead: boolean) => Promise<unknown>;
}

/** Makes one write; does nothing if there is nothing to write to yet. */
export async function perform(run: Run, operation: Operation): Promise<void> {
  const { admin, users, keys, operations } = run;
  const userAt = (index: number) => users[index] ?? '';
  const as = (index: number) =>
    contextFor(admin.db, userViewer(userAt(index), 'member'), { bus: admin.bus, now: admin.now });
  const keysAt = (indexes: readonly number[]) => indexes.flatMap((index) => keys[index % keys.length] ?? []);

  switch (operation.kind) {
    case 'create': {
      const sender = operation.from === null ? null : userAt(operation.from);
      const expires_at = operation.expires ? new Date(admin.now().getTime() + dayMs / 2).toISOString() : null;
      const items = operation.to.map((index, position) =>
        aNotification(userAt(index), {
          sender,
          status: operation.status,
          expires_at,
          on_expiry: position % 2 === 0 ? 'archive' : 'delete',
        }),
      );
      const rows = await createNotifications(admin, items);
      keys.push(...rows.map(({ id }) => id));
      return;
    }
    case 'read': {
      const [key] = keysAt([operation.pick]);
      if (key !== undefined) await run.mark(admin, key, operation.isRead);
      return;
    }
    case 'read all':
      await markAllRead(as(operation.of));
      return;
    case 'set status':
      await updateNotifications(admin, keysAt(operation.picks), { status: operation.status });
      return;
    case 'move':
      await updateNotifications(admin, keysAt(operation.picks), { recipient: userAt(operation.to) });
      return;
    case 'batch':
      await updateNotificationsBatch(
        admin,
        keysAt(operation.picks).map((id, index) =>
          index % 2 === 0 ? { id, recipient: userAt(operation.to) } : { id, status: operation.status, sender: null },
        ),
      );
      return;
    case 'delete':
      await deleteNotifications(admin, keysAt(operation.picks));
      return;
    case 'delete user':
      await deleteUsers(admin, [userAt(operation.of)]);
      return;
    case 'bulk': {
      const { of, action } = operation;
      const until = action === 'snooze' ? new Date(admin.now().getTime() + dayMs / 2).toISOString() : null;
      const ids = keysAt(operation.picks).map(String);
      const { id, undoableUntil } = await changeInbox(as(of), { action, ids, until });
      if (undoableUntil !== null) operations.push({ of, id });
      return;
    }
    case 'undo': {
      const [done] = operations.splice(operation.pick % Math.max(operations.length, 1), 1);
      if (done !== undefined) await undoInboxOperation(as(done.of), done.id);
      return;
    }
    case 'seen':
      await markInboxSeen(as(operation.of));
      return;
    case 'timers': {
      const { prisma, bus } = admin;
      const later = new Date(admin.now().getTime() + dayMs);
      await runInboxTimers({ prisma, bus, now: () => later, inhibit: inhibitExpired });
    }
  }
}

/** Marks a notification as the service does. */
export const mark: Run['mark'] = setReadStatus;

/** Marks without locking the row, and computes the count from a snapshot that is older than the lock of the inbox. */
export const markWithoutLock: Run['mark'] = async ({ db, bus, now }, key, isRead) => {
  const touched = await db.query<{ recipient: string; version: number }>({
    text: `
      with old as (
        select id, recipient_id,
               case when status <> 'inbox' then 0 else (not $2::boolean)::int - (read_at is null)::int end as unread
        from notifications where id = $1
      ),
      touched as (
        update inboxes as inbox set version = inbox.version + 1, unread = inbox.unread + old.unread
        from old where inbox.recipient_id = old.recipient_id
        returning inbox.recipient_id, inbox.version
      )
      update notifications n
      set read_at = case when $2 then coalesce(n.read_at, $3::timestamptz) end, version = touched.version
      from touched where n.id = $1 and n.recipient_id = touched.recipient_id
      returning n.recipient_id as recipient, n.version`,
    values: [key, isRead, now().toISOString()],
  });
  bus.publish(touched.map(({ recipient, version }) => ({ recipient, from: version - 1, to: version })));
};
