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
    ['nothing', null, [1, 2, 3, 4]],
    ['blanks', '  ', [1, 2, 3, 4]],
    ['any case', ' äpfel ', [2]],
    ['any text field', 'INBOX', [1, 2, 3, 4]],
    ['a number, also as the key', '3', [1, 3]],
    ['a number beyond every key', '9'.repeat(400), []],
    ['a number beyond bigint', '9223372036854775808', []],
    ['a key of a person', bob, [3, 4]],
    ['a key of a sender', carol.toUpperCase(), [1, 2]],
    ['a percent sign', '%', [3]],
    ['an underscore', '_', [4]],
    ['null as a text', 'null', []],
    ['no related rows', 'example.com', []],
    ['no times', '2026', []],
  ])('%s', async (_name, search, expected) => {
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
    ['nothing: by the primary key', undefined, [1, 2, 3, 4]],
    ['nothing given: by the primary key', [null, ' ', ''], [1, 2, 3, 4]],
    ['down', ['-id'], [4, 3, 2, 1]],
    ['texts by code point', ['subject'], [2, 3, 1, 4]],
    ['null last going up', ['timestamp'], [1, 3, 4, 2]],
    ['null first going down', ['-timestamp'], [2, 4, 3, 1]],
    ['two fields', [' -timestamp ', '-subject'], [2, 4, 3, 1]],
    ['a field of a related row', ['recipient.email'], [2, 3, 4, 1]],
    ['a field of a related row, down', ['-recipient.email', '-id'], [1, 4, 3, 2]],
    ['a function', ['-year(timestamp)'], [2, 4, 3, 1]],
    ['a function of a related row', ['sender.year(last_access)', '-id'], [3, 4, 2, 1]],
    ['a relation by its key', ['sender'], [3, 2, 1, 4]],
    ['the key of a related row', ['-sender.id'], [4, 1, 2, 3]],
    ['the first of two directions', ['-id', 'id'], [4, 3, 2, 1]],
    ['rows that are alike in the direction of the last field, down', ['status', '-timestamp'], [2, 4, 3, 1]],
    ['rows that are alike in the direction of the last field, up', ['-status', 'timestamp'], [1, 3, 4, 2]],
    ['rows that are alike in the direction that was given first', ['-status', 'status'], [4, 3, 2, 1]],
    ['a key that is asked for in its own direction', ['-timestamp', 'id'], [2, 3, 4, 1]],
  ])('%s', async (_name, sort, expected) => {
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
    ['page 0 is none', { limit: 3, page: 0, offset: 3 }, [4]],
    ['no page of everything', { limit: -1, page: 2, offset: 1 }, [2, 3, 4]],
    ['a page far beyond', { limit: 2 ** 53 - 1, page: 2 ** 53 - 1 }, []],
    ['an offset far beyond', { limit: 2 ** 53 - 1, offset: 2 ** 53 - 1 }, []],
    ['nulls', { limit: null, offset: null, page: null }, [1, 2, 3, 4]],
  ])('%s', async (_name, args, expected) => {
    expect(await keys(args)).toEqual(expected);
  });

  it.each<[string, Partial<Limits>, ListArguments, number[]]>([
    ['the default limit', { queryDefault: 2 }, {}, [1, 2]],
    ['the default limit as page size', { queryDefault: 3 }, { page: 2 }, [4]],
    ['no default limit', { queryDefault: -1 }, {}, [1, 2, 3, 4]],
    ['no default limit, so no page', { queryDefault: -1 }, { page: 2, offset: 1 }, [2, 3, 4]],
    ['the greatest limit for no default limit', { queryDefault: -1, queryMax: 3 }, {}, [1, 2, 3]],
    ['the greatest limit for a greater default limit', { queryDefault: 4, queryMax: 3 }, {}, [1, 2, 3]],
    ['the greatest limit for all', { queryMax: 3 }, { limit: -1 }, [1, 2, 3]],
    ['the greatest limit as page size', { queryMax: 3 }, { limit: -1, page: 2 }, [4]],
    ['a limit below the greatest', { queryMax: 3 }, { limit: 3 }, [1, 2, 3]],
  ])('%s', async (_name, more, args, expected) => {
    expect(await keys(args, withLimits(more))).toEqual(expected);
  });

  it('a page of named rows has all of them without a limit', async () => {
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
