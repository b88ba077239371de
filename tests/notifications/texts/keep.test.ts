import { describe, expect, it } from '@jest/globals';
import type { Database } from '../../../src/database/database.ts';
import { countNotifications, listNotifications } from '../../../src/notifications/read.ts';
import { copySome } from '../../../src/notifications/texts/copy.ts';
import { findTexts } from '../../../src/notifications/texts/sql/find-texts.ts';
import { createNotifications } from '../../../src/notifications/write.ts';
import { servicePrisma } from '../../../src/prisma.ts';
import { onTestDatabase, testDatabase } from '../../support/database.ts';
import { somebodyWaits } from '../../support/locks.ts';
import { aNotification, people } from '../people.ts';
import { copyAll, indexTexts, queuedKeys, text } from './support.ts';

const { db, url } = await onTestDatabase();

async function isAnswered(on: Database): Promise<boolean> {
  const request = { text: 'word', pattern: '%word%', owner: 'o', recipient: undefined, maxKeys: 5 };
  return (await on.query(findTexts({ ...request, skipsFrequentTexts: false }))).length > 0;
}

async function rowsOf(on: Database, table: string): Promise<number> {
  const [row] = await on.query<{ count: number }>(text(`select count(*) as count from ${table}`));
  return row?.count ?? 0;
}

describe('the index of texts', () => {
  it('the text index is not used before all rows are copied, and searches still find them', async () => {
    const { db: own, url: ownUrl, drop } = await testDatabase();
    try {
      const { admin, ids } = await people(own);
      const subjects = Array.from({ length: 5 }, (_, index) => aNotification(ids.alice, { subject: `word ${index}` }));
      await createNotifications(admin, subjects);
      await indexTexts(own, ownUrl);
      await own.query(text(`update settings set value = value || '{"copied": 0, "isComplete": false}'`));
      await own.query(text('delete from notification_texts'));

      for (let left = 5; left > 0; left--) {
        expect(await isAnswered(own)).toBe(false);
        expect(await countNotifications(admin, { search: 'word' })).toBe(5);
        await copySome(servicePrisma(own), 1);
      }
      await copySome(servicePrisma(own), 1);

      expect(await isAnswered(own)).toBe(true);
      expect(await rowsOf(own, 'notification_texts')).toBe(5);
      expect(await countNotifications(admin, { search: 'word' })).toBe(5);
    } finally {
      await drop();
    }
  });

  it('the text index loses nothing when the copying node is killed', async () => {
    await indexTexts(db, url);
    const { admin, ids } = await people(db);
    const [row] = await createNotifications(admin, [aNotification(ids.alice, { subject: 'kestrel' })]);
    const id = row?.id ?? 0;
    await copyAll(db);
    await db.query(text(`update notifications set subject = 'buzzard' where id = $1`, [id]));

    await db.transaction(async (transaction) => {
      await transaction.query(text('select from notification_texts where id = $1 for update', [id]));
      const copying = copySome(servicePrisma(db));
      copying.catch(() => undefined);
      await somebodyWaits(db);
      await transaction.query(
        text(`select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and wait_event_type = 'Lock'`),
      );
      await expect(copying).rejects.toThrow();
    });

    expect(await queuedKeys(db)).toEqual([id]);
    expect(await listNotifications(admin, ['id'], { search: 'buzzard' })).toEqual([{ id }]);
    await copyAll(db);
    expect(await queuedKeys(db)).toEqual([]);
    expect(await listNotifications(admin, ['id'], { search: 'buzzard' })).toEqual([{ id }]);
    expect(await listNotifications(admin, ['id'], { search: 'kestrel' })).toEqual([]);
  });

  it('only one node at a time copies texts', async () => {
    await indexTexts(db, url);
    await db.transaction(async (transaction) => {
      await transaction.query(text('select pg_advisory_xact_lock(7461009)'));

      expect(await copySome(servicePrisma(db))).toBeUndefined();
    });
  });

  it('the text index is removed when switched off and built again when switched on', async () => {
    const { admin, ids } = await people(db);
    await indexTexts(db, url);
    await createNotifications(admin, [aNotification(ids.alice, { subject: 'condor one' })]);
    await copyAll(db);

    await indexTexts(db, url, false);
    await createNotifications(admin, [aNotification(ids.alice, { subject: 'condor two' })]);

    expect(await rowsOf(db, 'notification_texts')).toBe(0);
    expect(await queuedKeys(db)).toEqual([]);
    expect(await isAnswered(db)).toBe(false);
    expect(await countNotifications(admin, { search: 'condor' })).toBe(2);

    await indexTexts(db, url);

    expect(await isAnswered(db)).toBe(true);
    expect(await countNotifications(admin, { search: 'condor' })).toBe(2);
  });

  it('creating the triggers waits for writing transactions, so that every row is queued or copied', async () => {
    const { db: own, url: ownUrl, drop } = await testDatabase();
    try {
      const { ids } = await people(own);
      await own.query(text('insert into inboxes (recipient_id) values ($1)', [ids.alice]));
      let indexing: Promise<unknown> | undefined;
      await own.transaction(async (transaction) => {
        await transaction.query(
          text(
            `insert into notifications (uuid, recipient_id, subject, created_version, version)
             values (gen_random_uuid(), $1, 'early', 1, 1)`,
            [ids.alice],
          ),
        );
        indexing = indexTexts(own, ownUrl);
        await somebodyWaits(own);
      });
      await indexing;

      expect(await rowsOf(own, 'notification_texts')).toBe(1);
    } finally {
      await drop();
    }
  });

  it('the text index is left out where the extension cannot be created', async () => {
    const { db: own, url: ownUrl, drop } = await testDatabase();
    const role = `plain_${process.pid}`;
    try {
      await own.query(text(`create role ${role} login password 'secret'`));
      await own.query(text('drop extension if exists pg_trgm cascade'));
      await own.query(text(`grant create on schema public to ${role}`));
      await own.query(text(`alter table notifications owner to ${role}`));
      await own.query(text(`alter table notification_texts owner to ${role}`));
      const address = new URL(ownUrl);
      address.username = role;
      address.password = 'secret';

      const log = await indexTexts(own, address.href);

      expect(log.warn).toHaveBeenCalledWith(
        expect.objectContaining({ index: 'notification_texts_idx' }),
        'failed to create an index: search and text filters scan rows',
      );
      const { admin, ids } = await people(own);
      await createNotifications(admin, [aNotification(ids.alice)]);
      expect(await queuedKeys(own)).toEqual([]);
    } finally {
      await drop();
      await db.query(text(`drop role if exists ${role}`));
    }
  });

  it('the text index replaces the one of earlier versions on the notifications', async () => {
    await db.query(text('create index notifications_search_idx on notifications (subject)'));

    await indexTexts(db, url);

    expect(await db.query(text(`select to_regclass('notifications_search_idx')::text as name`))).toEqual([
      { name: null },
    ]);
  });
});
