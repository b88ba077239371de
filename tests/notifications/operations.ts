import fc from 'fast-check';
import { userViewer } from '../../src/auth/viewer.ts';
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
const leaving = fc.constantFrom(userCount - 2, userCount - 1);

/** Any kind of write that the service supports. */
export const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('create'), to, from: fc.option(user), status }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read'), pick, isRead: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('read all'), of: user }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set status'), picks, status }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move'), picks, to: user }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('batch'), picks, to: user, status }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete'), picks }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete user'), of: leaving }) },
);
export type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

/** The users and notifications of a run. */
export interface Run {
  readonly admin: Context;
  readonly users: readonly string[];
  /** Keys created so far, including deleted ones. */
  readonly keys: number[];
  /** Marks one notification. A test replaces it by a faulty version, to prove that the checks detect the fault. */
  readonly mark: (context: Context, key: number, isRead: boolean) => Promise<unknown>;
}

/** Makes one write; does nothing if there is nothing to write to yet. */
export async function perform(run: Run, operation: Operation): Promise<void> {
  const { admin, users, keys } = run;
  const userAt = (index: number) => users[index] ?? '';
  const keysAt = (indexes: readonly number[]) => indexes.flatMap((index) => keys[index % keys.length] ?? []);

  switch (operation.kind) {
    case 'create': {
      const sender = operation.from === null ? null : userAt(operation.from);
      const items = operation.to.map((index) => aNotification(userAt(index), { sender, status: operation.status }));
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
      await markAllRead(contextFor(admin.db, userViewer(userAt(operation.of), 'member'), { bus: admin.bus }));
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
