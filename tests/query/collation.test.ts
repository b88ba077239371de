import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openDatabase } from '../../src/database/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { keepIndexes } from '../../src/notifications/texts/keep.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { aggregate } from '../../src/query/aggregate.ts';
import { withCandidates } from '../../src/query/candidates.ts';
import { keysStatement, type ListArguments, type QueryScope } from '../../src/query/list.ts';
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

async function keys(args: ListArguments, scope = aScope()): Promise<number[]> {
  return (await db.query<{ id: number }>(keysStatement(scope, args))).map(({ id }) => id);
}

describe('a database that sorts like a dictionary', () => {
  it('a database with dictionary order sorts so by default', async () => {
    const rows = await db.query({ text: 'select id from notifications order by subject limit 5', values: [] });

    expect(rows).toEqual([{ id: 7 }, { id: 6 }, { id: 3 }, { id: 2 }, { id: 8 }]);
  });

  it('lists sort by code point on a database with dictionary order', async () => {
    expect(await keys({ sort: ['subject'] })).toEqual([2, 4, 3, 8, 1, 5, 7, 6]);
    expect(await keys({ sort: ['-subject'], limit: 2 })).toEqual([6, 7]);
  });

  it('groups sort by code point on a database with dictionary order', async () => {
    const rows = await aggregate(db, aScope(), { groupBy: ['collection'], aggregates: [] }, {});

    expect(rows.map(({ group }) => group['collection'])).toEqual(['A', 'B', 'a', 'a b', 'b', 'É', '\uffee', '😀']);
  });

  it('comparison is exact, and case-insensitive only on request, on a database with dictionary order', async () => {
    expect(await keys({ filter: { subject: { _eq: 'a' } } })).toEqual([3]);
    expect(await keys({ filter: { subject: { _contains: 'b' } } })).toEqual([1, 8]);
    expect(await keys({ filter: { subject: { _icontains: 'é' } } })).toEqual([5]);
    expect(await keys({ search: 'é' })).toEqual([5]);
  });
});

describe('the index of texts', () => {
  const subjects = [
    'ΟΔΟΣ.Α',
    'οδοσ.α',
    'οδος',
    'İstanbul',
    'ISTANBUL',
    'Straße',
    'STRASSE',
    '100%_sure\\',
    'Ｆｕｌｌ',
    'éÉe',
    'K',
    'kelvin',
  ];
  const terms = [
    ...subjects,
    ...subjects.map((each) => each.toLowerCase()),
    ...subjects.map((each) => each.toUpperCase()),
  ];
  const parts = ['%_s', '\\', 'traß', 'σ.α', 'Σ.Α', 'ΔΟΣ', 'δος', 'i̇st', 'ÉÉ'];
  const start = 100;

  it('the text index finds what a scan finds on a database with dictionary order', async () => {
    const insert = subjects.map((subject, index) => aRow({ id: start + index, subject, message: `xx ${subject} yy` }));
    await replaceRows(db, insert);
    const asked: ListArguments[] = [...terms, ...parts].flatMap((term) => [
      { search: term },
      ...['_contains', '_icontains', '_starts_with', '_istarts_with', '_ends_with', '_iends_with'].map((operator) => ({
        filter: { subject: { [operator]: term } },
      })),
    ]);
    const answers = async (scopeOf: (args: ListArguments) => Promise<QueryScope>) => {
      const found: number[][] = [];
      for (const args of asked) found.push(await keys(args, await scopeOf(args)));
      return found;
    };
    const scanned = await answers(async () => aScope());

    const keeping = keepIndexes({
      prisma: servicePrisma(db),
      url,
      log: pino({ level: 'silent' }),
      hasSearchIndex: true,
    });
    await keeping.ready;
    await keeping.stop();
    await db.query({ text: 'set enable_seqscan = off', values: [] });
    let known = 0;
    const found = await answers(async (args) => {
      const scope = await withCandidates(db, aScope(), args, 'aggregate');
      known += scope.candidates?.size ?? 0;
      return scope;
    });

    expect(found).toEqual(scanned);
    expect(known).toBeGreaterThan(asked.length / 3);
  });
});
