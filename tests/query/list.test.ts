import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Limits } from '../../src/config.ts';
import { keysStatement, type ListArguments, listStatement, type QueryScope } from '../../src/query/list.ts';
import { usersCollection } from '../../src/users/model.ts';
import { onTestDatabase } from '../support/database.ts';
import { alice, aMemberScope, aRow, aScope, bob, carol, insertPeople, limits, replaceRows } from './people.ts';

const { db } = await onTestDatabase();

beforeAll(async () => {
  await insertPeople(db);
  await replaceRows(db, [
    aRow({ id: 1, recipient: carol, subject: 'b', timestamp: '2025-01-01T00:00:00.000Z', item: '3' }),
    aRow({ id: 2, recipient: alice, sender: carol, subject: 'B', timestamp: null, message: 'ÄPFEL' }),
    aRow({ id: 3, sender: alice, subject: 'a', timestamp: '2026-06-01T00:00:00.000Z', message: '50%' }),
    aRow({ id: 4, subject: 'É', timestamp: '2026-06-01T00:00:00.000Z', message: '5_0', collection: bob }),
  ]);
});

async function keys(args: ListArguments, scope: QueryScope = aScope()): Promise<number[]> {
  return (await db.query<{ id: number }>(keysStatement(scope, args))).map(({ id }) => id);
}

describe('search', () => {
  it.each<[string, string | null, number[]]>([
    ['no text', null, [1, 2, 3, 4]],
    ['spaces only', '  ', [1, 2, 3, 4]],
    ['text in any letter case', ' äpfel ', [2]],
    ['text of any field', 'INBOX', [1, 2, 3, 4]],
    ['a number as text and as the key', '3', [1, 3]],
    ['a number of 400 digits', '9'.repeat(400), []],
    ['a number above the range of bigint', '9223372036854775808', []],
    ['the key of a recipient', bob, [3, 4]],
    ['the key of a sender', carol.toUpperCase(), [1, 2]],
    ['a percent sign', '%', [3]],
    ['an underscore', '_', [4]],
    ['the text null', 'null', []],
    ['text of related rows, which is not searched', 'example.com', []],
    ['a year, since times are not searched', '2026', []],
  ])('a search for %s finds exactly the matching rows', async (_name, search, expected) => {
    expect(await keys({ search })).toEqual(expected);
  });

  it('a search restricts the filter', async () => {
    expect(await keys({ search: '3', filter: { id: { _lt: 3 } } })).toEqual([1]);
  });

  it('a search covers no field that a member may not read', () => {
    const collection = {
      ...usersCollection,
      fields: new Map(
        [...usersCollection.fields].map(([name, field]) => [
          name,
          name === 'email' ? { ...field, readableBy: 'admin' as const } : field,
        ]),
      ),
    };

    expect(keysStatement(aScope({ collection }), { search: 'x' }).text).toContain('"email"');
    expect(keysStatement(aMemberScope({ collection }), { search: 'y' }).text).not.toContain('"email"');
    expect(keysStatement(aScope({ collection }), { search: 'x' }).text).not.toContain('password');
  });
});

describe('sort', () => {
  it.each<[string, ListArguments['sort'], number[]]>([
    ['without fields is by primary key', undefined, [1, 2, 3, 4]],
    ['with only empty fields is by primary key', [null, ' ', ''], [1, 2, 3, 4]],
    ['can be descending', ['-id'], [4, 3, 2, 1]],
    ['orders texts by code point', ['subject'], [2, 3, 1, 4]],
    ['places null last when ascending', ['timestamp'], [1, 3, 4, 2]],
    ['places null first when descending', ['-timestamp'], [2, 4, 3, 1]],
    ['uses two fields', [' -timestamp ', '-subject'], [2, 4, 3, 1]],
    ['uses a field of a related row', ['recipient.email'], [2, 3, 4, 1]],
    ['uses a field of a related row, descending', ['-recipient.email', '-id'], [1, 4, 3, 2]],
    ['uses a function', ['-year(timestamp)'], [2, 4, 3, 1]],
    ['uses a function of a related row', ['sender.year(last_access)', '-id'], [3, 4, 2, 1]],
    ['uses the key of a relation', ['sender'], [3, 2, 1, 4]],
    ['uses the key of a related row', ['-sender.id'], [4, 1, 2, 3]],
    ['uses the first of two directions for one field', ['-id', 'id'], [4, 3, 2, 1]],
    ['orders equal rows descending after a last field that is descending', ['status', '-timestamp'], [2, 4, 3, 1]],
    ['orders equal rows ascending after a last field that is ascending', ['-status', 'timestamp'], [1, 3, 4, 2]],
    ['orders equal rows in the first of two directions for the last field', ['-status', 'status'], [4, 3, 2, 1]],
    ['orders by the key in its own direction', ['-timestamp', 'id'], [2, 3, 4, 1]],
  ])('a sort %s', async (_name, sort, expected) => {
    expect(await keys({ sort })).toEqual(expected);
  });

  it('a sort reverses completely, also by fields of users', async () => {
    for (const name of ['role', 'status', 'email', 'last_access']) {
      const scope = aScope({ collection: usersCollection });
      const up = await keys({ sort: [name] }, scope);

      expect(await keys({ sort: [`-${name}`] }, scope)).toEqual(up.toReversed());
    }
  });

  it('a sort reveals nothing of rows a member may not see', async () => {
    expect(await keys({ sort: ['sender.email', '-id'] }, aMemberScope())).toEqual([4, 3]);
  });
});

describe('pages', () => {
  const withLimits = (more: Partial<Limits>) => aScope({ limits: { ...limits, ...more } });

  it.each<[string, ListArguments, number[]]>([
    ['limit', { limit: 2 }, [1, 2]],
    ['limit 0', { limit: 0 }, []],
    ['limit -1', { limit: -1 }, [1, 2, 3, 4]],
    ['offset', { offset: 3 }, [4]],
    ['limit and offset', { limit: 2, offset: 1 }, [2, 3]],
    ['limit -1 and offset', { limit: -1, offset: 1 }, [2, 3, 4]],
    ['page', { limit: 3, page: 2 }, [4]],
    ['page rather than offset', { limit: 3, page: 1, offset: 3 }, [1, 2, 3]],
    ['offset if page is 0', { limit: 3, page: 0, offset: 3 }, [4]],
    ['offset and not page if the limit is -1', { limit: -1, page: 2, offset: 1 }, [2, 3, 4]],
    ['a page far above the last one', { limit: 2 ** 53 - 1, page: 2 ** 53 - 1 }, []],
    ['an offset far above the count', { limit: 2 ** 53 - 1, offset: 2 ** 53 - 1 }, []],
    ['no argument if all are null', { limit: null, offset: null, page: null }, [1, 2, 3, 4]],
  ])('a page is selected by %s', async (_name, args, expected) => {
    expect(await keys(args)).toEqual(expected);
  });

  it.each<[string, Partial<Limits>, ListArguments, number[]]>([
    ['the default limit', { queryDefault: 2 }, {}, [1, 2]],
    ['the default limit as page size', { queryDefault: 3 }, { page: 2 }, [4]],
    ['every row without a default limit', { queryDefault: -1 }, {}, [1, 2, 3, 4]],
    [
      'every row from the offset without a default limit, and page is ignored',
      { queryDefault: -1 },
      { page: 2, offset: 1 },
      [2, 3, 4],
    ],
    ['the maximum without a default limit', { queryDefault: -1, queryMax: 3 }, {}, [1, 2, 3]],
    ['the maximum instead of a higher default limit', { queryDefault: 4, queryMax: 3 }, {}, [1, 2, 3]],
    ['the maximum with limit -1', { queryMax: 3 }, { limit: -1 }, [1, 2, 3]],
    ['the maximum as page size', { queryMax: 3 }, { limit: -1, page: 2 }, [4]],
    ['a limit below the maximum', { queryMax: 3 }, { limit: 3 }, [1, 2, 3]],
  ])('with configured limits, a page has %s', async (_name, more, args, expected) => {
    expect(await keys(args, withLimits(more))).toEqual(expected);
  });

  it('a page of rows selected by key has all of them without a limit', async () => {
    const scope = { ...withLimits({ queryDefault: 1 }), keys: [4, 3, 1] };

    expect(await keys({}, scope)).toEqual([1, 3, 4]);
    expect(await keys({ limit: 2 }, scope)).toEqual([1, 3]);
  });
});

describe('other collections', () => {
  it('other collections are listed by the same rules', async () => {
    const scope = aScope({ collection: usersCollection });
    const member = aMemberScope({ collection: usersCollection });

    expect(await db.query(listStatement(scope, ['id', 'email'], { sort: ['-email'], limit: 2 }))).toEqual([
      { id: carol, email: null },
      { id: bob, email: 'bob@example.com' },
    ]);
    expect(await db.query(keysStatement(member, { search: 'example' }))).toEqual([{ id: bob }]);
    expect(await db.query(keysStatement({ ...scope, keys: ['x', alice] }, {}))).toEqual([{ id: alice }]);
  });
});
