import { describe, expect, it } from '@jest/globals';
import { lockKeys } from '../../src/database/lock-keys.ts';
import { purgeNotifications } from '../../src/notifications/purge-notifications.ts';
import { createNotifications, setReadStatus } from '../../src/notifications/write.ts';
import { onTestDatabase } from '../support/database.ts';
import { duringOpenTransaction } from '../support/locks.ts';
import { withStatements } from '../support/statements.ts';
import { aNotification, contextFor, inboxOf, people } from './people.ts';

const { db } = await onTestDatabase();
const options = { retentionDays: 30 };

/** Sets columns of notifications: SQL, such as `timestamp = now()`. */
const set = (ids: readonly number[], assignment: string) =>
  db.query({ text: `update notifications set ${assignment} where id = any ($1)`, values: [ids] });
const makeOld = (ids: readonly number[]) => set(ids, `timestamp = now() - interval '31 days'`);

const keysOf = async (recipient: string) => {
  const rows = await db.query<{ id: number }>({
    text: 'select id from notifications where recipient_id = $1 order by id',
    values: [recipient],
  });
  return rows.map(({ id }) => id);
};

describe('purgeNotifications', () => {
  it('deletes what is older than the retention, with tombstones, versions and counts, and publishes it', async () => {
    const { admin, alice, ids, published } = await people(db);
    const rows = await createNotifications(
      admin,
      [1, 2, 3, 4].map(() => aNotification(ids.alice)),
    );
    const [first = 0, second = 0, third = 0, last = 0] = rows.map(({ id }) => id);
    await setReadStatus(alice, second, true);
    await set([third], `status = 'archived'`);
    await db.query({ text: 'update inboxes set unread = 2, total = 3 where recipient_id = $1', values: [ids.alice] });
    await makeOld([first, second, third]);
    published.length = 0;

    expect(await purgeNotifications(admin, options)).toBe(3);

    expect(await keysOf(ids.alice)).toEqual([last]);
    expect(await inboxOf(db, ids.alice)).toEqual({ version: 8, unread: 1, total: 1 });
    expect(published).toEqual([[{ recipient: ids.alice, from: 5, to: 8, deleted: [first, second, third] }]]);
    const tombstones = await db.query({
      text: 'select id, version from notification_tombstones where recipient_id = $1 order by version',
      values: [ids.alice],
    });
    expect(tombstones).toEqual([first, second, third].map((id, index) => ({ id, version: 6 + index })));
    expect(await purgeNotifications(admin, options)).toBe(0);
  });

  it('keeps saved notifications, snoozed ones, and those without a time', async () => {
    const { admin, ids } = await people(db);
    const rows = await createNotifications(
      admin,
      [1, 2, 3, 4].map(() => aNotification(ids.alice)),
    );
    const [saved = 0, snoozed = 0, timeless = 0, old = 0] = rows.map(({ id }) => id);
    await makeOld([saved, snoozed, old]);
    await set([saved], 'saved_at = now()');
    await set([snoozed], `status = 'archived', snoozed_until = now() + interval '1 day'`);
    await set([timeless], 'timestamp = null');
    await db.query({ text: 'update inboxes set unread = 3, total = 3 where recipient_id = $1', values: [ids.alice] });

    // Batches of one row: those that are kept do not stop the purge.
    expect(await purgeNotifications(admin, { ...options, atOnce: 1 })).toBe(1);

    expect(await keysOf(ids.alice)).toEqual([saved, snoozed, timeless]);
  });

  it('deletes many in several transactions, over many inboxes', async () => {
    const { admin, ids } = await people(db);
    const items = Array.from({ length: 25 }, (_, index) => aNotification(index % 2 === 0 ? ids.alice : ids.bob));
    const rows = await createNotifications(admin, items);
    await makeOld(rows.map(({ id }) => id));
    let transactions = 0;
    const counted = withStatements(db, {
      transaction: (work) => {
        transactions += 1;
        return db.transaction(work);
      },
    });
    const context = contextFor(counted, admin.viewer);

    expect(await purgeNotifications(context, { ...options, atOnce: 10 })).toBe(25);

    expect(transactions).toBe(3);
    expect(await inboxOf(db, ids.alice)).toEqual({ version: 26, unread: 0, total: 0 });
    expect(await inboxOf(db, ids.bob)).toEqual({ version: 24, unread: 0, total: 0 });
  });

  it('keeps a notification that is saved while the purge waits for its inbox', async () => {
    const { admin, ids } = await people(db);
    const rows = await createNotifications(
      admin,
      [1, 2].map(() => aNotification(ids.alice)),
    );
    const [saved = 0, old = 0] = rows.map(({ id }) => id);
    await makeOld([saved, old]);

    const purged = await duringOpenTransaction(
      db,
      async (transaction) => {
        await transaction.query({
          text: 'select from inboxes where recipient_id = $1 for no key update',
          values: [ids.alice],
        });
        await transaction.query({ text: 'update notifications set saved_at = now() where id = $1', values: [saved] });
      },
      () => purgeNotifications(admin, options),
    );

    expect(purged).toBe(1);
    expect(await keysOf(ids.alice)).toEqual([saved]);
    expect(await inboxOf(db, ids.alice)).toMatchObject({ unread: 1, total: 1 });
  });

  it('leaves the work to the node that has begun it', async () => {
    const { admin, ids } = await people(db);
    const [row] = await createNotifications(admin, [aNotification(ids.alice)]);
    await makeOld([row?.id ?? 0]);

    await db.transaction(async (transaction) => {
      await transaction.query({ text: 'select pg_advisory_xact_lock($1)', values: [lockKeys.retention] });
      expect(await purgeNotifications(admin, options)).toBe(0);
    });

    expect(await purgeNotifications(admin, options)).toBe(1);
  });

  it('stops between two batches', async () => {
    const { admin, ids } = await people(db);
    const rows = await createNotifications(
      admin,
      [1, 2].map(() => aNotification(ids.alice)),
    );
    await makeOld(rows.map(({ id }) => id));
    let asked = 0;
    const isStopping = () => {
      asked += 1;
      return asked > 1;
    };

    expect(await purgeNotifications(admin, { ...options, atOnce: 1, isStopping })).toBe(1);
    expect(await purgeNotifications(admin, options)).toBe(1);
  });
});
