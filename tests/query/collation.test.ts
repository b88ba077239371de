import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openDatabase } from '../../src/database/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { aggregate } from '../../src/query/aggregate.ts';
import { keysStatement, type ListArguments } from '../../src/query/list.ts';
import { createDatabase } from '../support/database.ts';
import { aRow, aScope, insertPeople, replaceRows } from './people.ts';

const { url, drop } = await createDatabase(
  `template template0 encoding 'UTF8' locale_provider icu icu_locale 'und' locale 'C'`,
);
await migrate(url, { log: pino({ level: 'silent' }) });
const db = await openDatabase({ url, poolSize: 1 });
afterAll(async () => {
  await db.close();
  await drop();
});

beforeAll(async () => {
  await insertPeople(db);
  const subjects = ['b', 'A', 'a', 'B', 'É', '😀', '\uffee', 'a b'];
  await replaceRows(
    db,
    subjects.map((subject, index) => aRow({ id: index + 1, subject, collection: subject })),
  );
});

async function keys(args: ListArguments): Promise<number[]> {
  return (await db.query<{ id: number }>(keysStatement(aScope(), args))).map(({ id }) => id);
}

describe('a database that sorts like a dictionary', () => {
  it('does so by itself', async () => {
    const rows = await db.query({ text: 'select id from notifications order by subject limit 5', values: [] });

    expect(rows).toEqual([{ id: 7 }, { id: 6 }, { id: 3 }, { id: 2 }, { id: 8 }]);
  });

  it('sorts by code point for us', async () => {
    expect(await keys({ sort: ['subject'] })).toEqual([2, 4, 3, 8, 1, 5, 7, 6]);
    expect(await keys({ sort: ['-subject'], limit: 2 })).toEqual([6, 7]);
  });

  it('groups by code point for us', async () => {
    const rows = await aggregate(db, aScope(), { groupBy: ['collection'], aggregates: [] }, {});

    expect(rows.map(({ group }) => group['collection'])).toEqual(['A', 'B', 'a', 'a b', 'b', 'É', '\uffee', '😀']);
  });

  it('compares exactly, and without case only where asked', async () => {
    expect(await keys({ filter: { subject: { _eq: 'a' } } })).toEqual([3]);
    expect(await keys({ filter: { subject: { _contains: 'b' } } })).toEqual([1, 8]);
    expect(await keys({ filter: { subject: { _icontains: 'é' } } })).toEqual([5]);
    expect(await keys({ search: 'é' })).toEqual([5]);
  });
});
