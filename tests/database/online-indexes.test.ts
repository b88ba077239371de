import { describe, expect, it, jest } from '@jest/globals';
import { type OnlineIndex, startOnlineIndexes } from '../../src/database/online-indexes.ts';
import { onTestDatabase } from '../support/database.ts';
import { somebodyWaits } from '../support/locks.ts';
import { asAdmin } from '../support/server.ts';

const { db, url } = await onTestDatabase();

let made = 0;

/** An index that does not exist yet. */
function anIndex(more: Partial<OnlineIndex> = {}): OnlineIndex {
  made += 1;
  const name = `notifications_test_${made}_idx`;
  return { name, table: 'notifications', definition: () => '(item)', consequence: 'items are slow', ...more };
}

function aLog() {
  return { info: jest.fn(), warn: jest.fn() };
}

async function isValid(name: string): Promise<boolean | undefined> {
  const rows = await db.query<{ indisvalid: boolean }>({
    text: 'select indisvalid from pg_index where indexrelid = to_regclass($1)',
    values: [name],
  });
  return rows[0]?.indisvalid;
}

const text = (sql: string) => ({ text: sql, values: [] });

describe('indexes that are created while the service runs', () => {
  it('online indexes are created once', async () => {
    const log = aLog();
    const indexes = [
      anIndex(),
      anIndex({ definition: (schema) => `using gin (item ${schema}.gin_trgm_ops)`, extension: 'pg_trgm' }),
    ];

    await startOnlineIndexes({ url, log, indexes }).done;
    await startOnlineIndexes({ url, log, indexes }).done;

    expect(await Promise.all(indexes.map(({ name }) => isValid(name)))).toEqual([true, true]);
    expect(log.info.mock.calls).toEqual(
      indexes.map(({ name }) => [{ index: name, ms: expect.any(Number) }, 'index created']),
    );
    expect(log.warn).not.toHaveBeenCalled();
  });

  it('online indexes that are no longer wanted are dropped', async () => {
    const [index, other] = [anIndex(), anIndex()];
    await startOnlineIndexes({ url, log: aLog(), indexes: [index, other] }).done;

    await startOnlineIndexes({ url, log: aLog(), indexes: [other], unwanted: [index, anIndex()] }).done;

    expect(await isValid(index.name)).toBeUndefined();
    expect(await isValid(other.name)).toBe(true);
  });

  it('invalid indexes left by a killed service are created again', async () => {
    const index = anIndex();
    await db.query(text("insert into settings (key, value) values ('a', '1'), ('b', '1')"));
    const twice = `create unique index concurrently ${index.name} on settings (value)`;
    await expect(db.query(text(twice))).rejects.toThrow();
    expect(await isValid(index.name)).toBe(false);

    await startOnlineIndexes({
      url,
      log: aLog(),
      indexes: [{ ...index, table: 'settings', definition: () => '(value)' }],
    }).done;

    expect(await isValid(index.name)).toBe(true);
  });

  it('online indexes whose extension is not available are skipped and logged once', async () => {
    const log = aLog();
    const [without, other] = [anIndex({ extension: 'no_such_extension' }), anIndex()];

    await startOnlineIndexes({ url, log, indexes: [without, other], retryMs: 1 }).done;

    expect(await isValid(without.name)).toBeUndefined();
    expect(await isValid(other.name)).toBe(true);
    expect(log.warn.mock.calls).toEqual([
      [
        { index: without.name, extension: 'no_such_extension', reason: expect.stringContaining('no_such_extension') },
        'failed to create an index: items are slow',
      ],
    ]);
  });

  it('online indexes are skipped where the role may not create the extension', async () => {
    const log = aLog();
    const index = anIndex({ extension: 'file_fdw' });
    const role = `nobody_${process.pid}`;
    await db.query(text(`create role ${role} login password 'secret'`));
    const own = new URL(url);
    own.username = role;
    own.password = 'secret';

    await startOnlineIndexes({ url: own.href, log, indexes: [index], retryMs: 1 }).done.finally(() =>
      db.query(text(`drop role ${role}`)),
    );

    expect(log.warn).toHaveBeenCalledTimes(1);
    expect(log.warn.mock.calls[0]?.[0]).toMatchObject({ extension: 'file_fdw' });
  });

  it('online indexes created by another node are checked again later', async () => {
    const index = anIndex();
    await asAdmin(url, async (other) => {
      await other.query('select pg_advisory_lock(7461005)');
      const indexing = startOnlineIndexes({ url, log: aLog(), indexes: [index], retryMs: 5 });
      await other.query(`create index ${index.name} on notifications (item)`);

      await indexing.done;
    });

    expect(await isValid(index.name)).toBe(true);
  });

  it('online indexes interrupted by a stop are created by the next start', async () => {
    const index = anIndex();
    let indexing: ReturnType<typeof startOnlineIndexes> | undefined;
    await db.transaction(async (transaction) => {
      // The build of an index waits for transactions that have written.
      await transaction.query(text(`update notifications set item = item where false`));
      await transaction.query(text('lock table notifications in row exclusive mode'));
      indexing = startOnlineIndexes({ url, log: aLog(), indexes: [index] });
      await somebodyWaits(db);
      indexing.stop();
      await indexing.done;
      // Checked within this transaction: once it has ended, the server may finish the index before it notices the stop.
      expect(await isValid(index.name)).not.toBe(true);
    });

    await startOnlineIndexes({ url, log: aLog(), indexes: [index], retryMs: 20 }).done;

    expect(await isValid(index.name)).toBe(true);
  });
});
