import { beforeAll, describe, expect, it } from '@jest/globals';

import { readInbox } from '../../../src/notifications/inbox.ts';
import { aggregateNotifications, countNotifications, listNotifications } from '../../../src/notifications/read.ts';
import {
  createNotifications,
  deleteNotifications,
  updateNotificationsBatch,
} from '../../../src/notifications/write.ts';
import { onTestDatabase } from '../../support/database.ts';
import { aNotification, type Context, people } from '../people.ts';
import { copyAll, indexTexts, queuedKeys, text } from './support.ts';

const { db, url } = await onTestDatabase();

beforeAll(() => indexTexts(db, url));

async function found(context: Context, search: string): Promise<number[]> {
  return (await listNotifications(context, ['id'], { search })).map(({ id }) => id);
}

async function textOf(id: number): Promise<string | undefined> {
  const [row] = await db.query<{ text: string }>(text('select text from notification_texts where id = $1', [id]));
  return row?.text;
}

/** Runs the check before and after the text is copied. */
async function bothTimes(check: () => Promise<void>): Promise<void> {
  await check();
  await copyAll(db);
  await check();
}

describe('a search', () => {
  it('a search finds a new notification before and after its text is copied', async () => {
    const { admin, alice, bob, ids } = await people(db);

    const [one] = await createNotifications(admin, [aNotification(ids.alice, { message: 'Gate Zebra7 is open' })]);

    await bothTimes(async () => {
      expect(await found(admin, 'zebra7')).toEqual([one?.id]);
      expect(await found(alice, 'zebra7 IS')).toEqual([one?.id]);
      expect(await found(bob, 'zebra7')).toEqual([]);
      expect(await countNotifications(admin, { search: 'zebra7' })).toBe(1);
    });
    expect(await textOf(one?.id ?? 0)).toBe('Hello\nGate Zebra7 is open');
  });

  it('a search finds the new words of a changed text and not the old ones', async () => {
    const { admin, ids } = await people(db);
    const rows = await createNotifications(admin, [
      aNotification(ids.alice, { subject: 'walrus1' }),
      aNotification(ids.alice, { item: 'walrus2' }),
    ]);
    const [first, second] = rows.map(({ id }) => id);
    await copyAll(db);

    await updateNotificationsBatch(admin, [
      { id: first, subject: 'ostrich' },
      { id: second, message: 'no walrus2' },
    ]);

    await bothTimes(async () => {
      expect(await found(admin, 'walrus1')).toEqual([]);
      expect(await found(admin, 'ostrich')).toEqual([first]);
      expect(await found(admin, 'no walrus')).toEqual([second]);
    });
  });

  it('a search finds no deleted notification, and its text is removed', async () => {
    const { admin, ids } = await people(db);
    const [row] = await createNotifications(admin, [aNotification(ids.alice, { subject: 'pelican' })]);
    const id = row?.id ?? 0;
    await copyAll(db);

    await deleteNotifications(admin, [id]);

    await bothTimes(async () => expect(await found(admin, 'pelican')).toEqual([]));
    expect(await textOf(id)).toBeUndefined();
  });

  it('the texts of a deleted user are removed', async () => {
    const { admin, ids } = await people(db);
    const [row] = await createNotifications(admin, [aNotification(ids.bob, { subject: 'heron' })]);
    await copyAll(db);

    await db.query(text('delete from users where id = $1', [ids.bob]));
    await copyAll(db);

    expect(await textOf(row?.id ?? 0)).toBeUndefined();
  });

  it('a search also matches the status, which is not part of the texts', async () => {
    const { admin, alice, ids } = await people(db);
    const [put] = await createNotifications(admin, [aNotification(ids.alice, { status: 'archived' })]);
    await createNotifications(admin, [aNotification(ids.alice)]);

    await bothTimes(async () => expect(await found(alice, 'RCHIVE')).toEqual([put?.id]));
  });

  it('a search combines with other conditions, aggregates and the inbox', async () => {
    const { admin, alice, ids } = await people(db);
    const [one, two] = await createNotifications(admin, [
      aNotification(ids.alice, { subject: 'Toucan', message: 'flies' }),
      aNotification(ids.alice, { subject: 'nothing', collection: 'toucans' }),
      aNotification(ids.bob, { subject: 'toucan' }),
    ]);

    await bothTimes(async () => {
      const filter = { _or: [{ subject: { _contains: 'Touc' } }, { collection: { _iends_with: 'CANS' } }] };
      const rows = await listNotifications(alice, ['id'], { filter, sort: ['-id'] });
      expect(rows.map(({ id }) => id)).toEqual([two?.id, one?.id]);
      const starts = { subject: { _starts_with: 'touc' }, message: { _ncontains: 'flies' } };
      expect(await listNotifications(alice, ['id'], { filter: starts })).toEqual([]);
      const aggregates = [{ operation: 'count', field: '*' }] as const;
      const figures = await aggregateNotifications(admin, { groupBy: [], aggregates }, { search: 'toucan' });
      expect([...(figures[0]?.values.values() ?? [])]).toEqual(['3']);
      expect((await readInbox(alice, ['id'], { search: 'toucan' })).notifications).toMatchObject([{ id: one?.id }]);
    });
  });
});

describe('the queue of texts', () => {
  it('a new, changed or deleted text is queued, and a read mark is not', async () => {
    const { admin, ids } = await people(db);
    const rows = await createNotifications(admin, [aNotification(ids.alice), aNotification(ids.alice)]);
    const made = rows.map(({ id }) => id);
    expect(await queuedKeys(db)).toEqual(expect.arrayContaining(made));
    await copyAll(db);

    await updateNotificationsBatch(admin, [{ id: made[0], status: 'archived' }]);
    await db.query(text('update notifications set read_at = now(), version = version + 100 where id = $1', [made[1]]));
    expect(await queuedKeys(db)).toEqual([]);

    await updateNotificationsBatch(admin, [{ id: made[1], subject: 'Other' }]);
    expect(await queuedKeys(db)).toEqual([made[1]]);
    await deleteNotifications(admin, made);
    expect(await queuedKeys(db)).toEqual(made);
    await copyAll(db);
  });

  it('rows inserted with foreign keys switched off are queued', async () => {
    const { ids } = await people(db);
    await db.transaction(async (transaction) => {
      await transaction.query(text(`set local session_replication_role = replica`));
      await transaction.query(
        text(
          `insert into notifications (uuid, recipient_id, subject, created_version, version)
           select gen_random_uuid(), $1, 'loaded', n, n from generate_series(1, 2500) n`,
          [ids.alice],
        ),
      );
    });

    expect(await queuedKeys(db)).toHaveLength(2500);
    const [{ most } = { most: 0 }] = await db.query<{ most: number }>(
      text('select max(cardinality(ids)) as most from notification_text_queue'),
    );
    expect(most).toBeLessThanOrEqual(1000);
    await copyAll(db);
    expect(await queuedKeys(db)).toEqual([]);
  });
});
