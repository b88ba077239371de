import { describe, expect, it } from '@jest/globals';
import { purgeTombstones } from '../../src/notifications/purge-tombstones.ts';
import { createNotifications, deleteNotifications } from '../../src/notifications/write.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { onTestDatabase } from '../support/database.ts';
import { withStatements } from '../support/statements.ts';
import { aNotification, people } from './people.ts';

const { db } = await onTestDatabase();

describe('purgeTombstones', () => {
  it('purges old tombstones, records the version, and keeps newer ones', async () => {
    const { admin, ids } = await people(db);
    const rows = await createNotifications(
      admin,
      Array.from({ length: 3 }, () => aNotification(ids.alice)),
    );
    for (const { id } of rows) await deleteNotifications({ ...admin, now: () => new Date() }, [id]);
    await db.query({
      text: `update notification_tombstones set deleted_at = now() - interval '31 days' where version <= 5`,
      values: [],
    });

    expect(await purgeTombstones(servicePrisma(db), 30)).toBe(2);

    expect(await purgeTombstones(servicePrisma(db), 30)).toBe(0);
    const [inbox] = await db.query({
      text: `select purged_version, array(select version from notification_tombstones) as versions
             from inboxes where recipient_id = $1`,
      values: [ids.alice],
    });
    expect(inbox).toEqual({ purged_version: 5, versions: [6] });
  });

  it('purges many tombstones in several transactions, each inbox in version order', async () => {
    const { admin, ids } = await people(db);
    const items = [ids.alice, ids.bob, ids.alice, ids.bob, ids.alice].map((id) => aNotification(id));
    const rows = await createNotifications(admin, items);
    for (const { id } of rows) await deleteNotifications({ ...admin, now: () => new Date() }, [id]);
    await db.query({ text: `update notification_tombstones set deleted_at = now() - interval '31 days'`, values: [] });
    let transactions = 0;
    const counted = withStatements(db, {
      transaction: (work) => {
        transactions += 1;
        return db.transaction(work);
      },
    });

    expect(await purgeTombstones(servicePrisma(counted), 30, 2)).toBeGreaterThanOrEqual(5);

    expect(transactions).toBeGreaterThan(2);
    const inboxes = await db.query({
      text: `select version, purged_version from inboxes where recipient_id = any ($1) order by version`,
      values: [[ids.alice, ids.bob]],
    });
    expect(inboxes).toEqual([
      { version: 4, purged_version: 4 },
      { version: 6, purged_version: 6 },
    ]);
    expect(await db.query({ text: 'select from notification_tombstones', values: [] })).toEqual([]);
  });
});
