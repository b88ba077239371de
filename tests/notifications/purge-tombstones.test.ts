import { describe, expect, it } from '@jest/globals';
import { purgeTombstones } from '../../src/notifications/purge-tombstones.ts';
import { createNotifications, deleteNotifications } from '../../src/notifications/write.ts';
import { onTestDatabase } from '../support/database.ts';
import { aNotification, people } from './people.ts';

const { db } = await onTestDatabase();

describe('purgeTombstones', () => {
  it('forgets old deletions, notes how far, and keeps the newer ones', async () => {
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

    expect(await purgeTombstones(db, 30)).toBe(2);

    expect(await purgeTombstones(db, 30)).toBe(0);
    const [inbox] = await db.query({
      text: `select purged_version, array(select version from notification_tombstones) as versions
             from inboxes where recipient_id = $1`,
      values: [ids.alice],
    });
    expect(inbox).toEqual({ purged_version: 5, versions: [6] });
  });
});
