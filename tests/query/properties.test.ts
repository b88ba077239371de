import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aggregate } from '../../src/query/aggregate.ts';
import { countStatement, keysStatement, type ListArguments, type QueryScope } from '../../src/query/list.ts';
import { onTestDatabase } from '../support/database.ts';
import { filters, filtersOfRest, pages, rows as randomRows, sorts } from './arbitraries.ts';
import { passes } from './evaluate.ts';
import { aMemberScope, aScope, bob, insertPeople, type Row, replaceRows } from './people.ts';
import { toQueryFilter } from './to-list-arguments.ts';

const { db } = await onTestDatabase();
const runs = { numRuns: 15 };

beforeAll(() => insertPeople(db));

async function keys(scope: QueryScope, args: ListArguments): Promise<number[]> {
  return (await db.query<{ id: number }>(keysStatement(scope, args))).map(({ id }) => id);
}

describe('random filters over random rows', () => {
  it('random filters select what an independent evaluation selects', async () => {
    const bothWays = fc.oneof(
      filters.map((filter) => ({ asked: filter as unknown, filter })),
      filtersOfRest.map((asked) => ({ asked, filter: toQueryFilter(asked) })),
    );
    const filterLists = fc.array(bothWays, { minLength: 20, maxLength: 20 });

    await fc.assert(
      fc.asyncProperty(randomRows, filterLists, async (rows, list) => {
        await replaceRows(db, rows);
        const byId = [...rows].sort((a, b) => a.id - b.id);
        for (const { asked, filter } of list) {
          const expected = byId.filter((row) => passes(asked, row, () => true)).map(({ id }) => id);
          expect({ asked, keys: await keys(aScope(), { filter }) }).toEqual({ asked, keys: expected });
          expect(await db.query(countStatement(aScope(), { filter }))).toEqual([{ count: expected.length }]);

          const own = byId.filter((row) => row.recipient === bob && passes(asked, row, (person) => person === bob));
          expect({ asked, own: await keys(aMemberScope(), { filter }) }).toEqual({
            asked,
            own: own.map(({ id }) => id),
          });
        }
      }),
      runs,
    );
  }, 120_000);
});

describe('random sorts and pages of random rows', () => {
  it('random sorts are stable and pages are cut correctly', async () => {
    const asked = fc.array(fc.tuple(sorts, pages), { minLength: 20, maxLength: 20 });

    await fc.assert(
      fc.asyncProperty(randomRows, asked, async (rows, list) => {
        await replaceRows(db, rows);
        for (const [sort, page] of list) {
          const expected = cut([...rows].sort(inOrder(sort)), page).map(({ id }) => id);
          const found = await keys(aScope(), { sort, ...page });
          expect({ sort, page, keys: found }).toEqual({ sort, page, keys: expected });
        }
      }),
      runs,
    );
  }, 120_000);
});

describe('random groups of random rows', () => {
  it('random groups count the rows of a filter', async () => {
    await fc.assert(
      fc.asyncProperty(randomRows, filters, async (rows, filter) => {
        await replaceRows(db, rows);
        const expected = new Map<string | null, number>();
        for (const row of rows.filter((each) => passes(filter, each, () => true))) {
          expected.set(row.message, (expected.get(row.message) ?? 0) + 1);
        }

        const found = await aggregate(
          db,
          aScope(),
          { groupBy: ['message'], aggregates: [{ operation: 'count', field: '*' }] },
          { filter },
        );

        expect(found.map(({ group, values }) => [group['message'], Number(values.get('count.*'))])).toEqual(
          [...expected].sort(([a], [b]) => compare(a, b)),
        );
      }),
      runs,
    );
  }, 120_000);
});

/**
 * The specified order: texts by code point, null last in ascending and first in descending order, then the key in the
 * direction of the last field.
 */
function inOrder(sort: readonly string[]): (a: Row, b: Row) => number {
  const fieldOf = (name: string) => name.replace('-', '');
  const last = sort.findLast((name, index) => sort.findIndex((each) => fieldOf(each) === fieldOf(name)) === index);
  return (a, b) => {
    for (const name of [...sort, last?.startsWith('-') ? '-id' : 'id']) {
      const field = fieldOf(name);
      const order = compare(valueIn(a, field), valueIn(b, field));
      if (order !== 0) return name.startsWith('-') ? -order : order;
    }
    return 0;
  };
}

function valueIn(row: Row, field: string): string | number | null {
  if (field !== 'week(timestamp)') return row[field as keyof Row];
  if (row.timestamp === null) return null;
  for (let week = 1; week <= 53; week += 1) if (passes({ 'week(timestamp)': week }, row, () => true)) return week;
  throw new Error('no week');
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === 'number') return a - Number(b);
  // UTF-8 sorts like code points; JavaScript sorts by UTF-16.
  return Buffer.compare(Buffer.from(a), Buffer.from(String(b)));
}

function cut(
  rows: readonly Row[],
  { limit, offset = 0, page = 0 }: { limit?: number; offset?: number; page?: number },
) {
  const size = limit ?? 100;
  if (size === -1) return rows.slice(offset);
  const start = page > 0 ? size * (page - 1) : offset;
  return rows.slice(start, start + size);
}
