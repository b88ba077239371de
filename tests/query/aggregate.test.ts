import { beforeAll, describe, expect, it } from '@jest/globals';
import { type AggregateRequest, aggregate } from '../../src/query/aggregate.ts';
import type { QueryScope } from '../../src/query/list.ts';
import { usersCollection } from '../../src/users/model.ts';
import { onTestDatabase } from '../support/database.ts';
import { alice, aMemberScope, aRow, aScope, bob, insertPeople, limits, replaceRows } from './people.ts';
import { type Spelled, toListArguments } from './to-list-arguments.ts';

const { db } = await onTestDatabase();

beforeAll(async () => {
  await insertPeople(db);
  await replaceRows(db, [
    aRow({ id: 1, recipient: alice, subject: 'x', timestamp: '2025-12-31T23:00:00.000Z', collection: 'b' }),
    aRow({ id: 2, recipient: alice, subject: 'x', timestamp: '2026-01-01T01:00:00.000Z', collection: 'a' }),
    aRow({ id: 3, subject: 'x', timestamp: '2026-05-01T00:00:00.000Z', collection: 'B' }),
    aRow({ id: 7, subject: 'y', timestamp: null, status: 'archived', collection: 'b' }),
    aRow({ id: 8, subject: 'y', timestamp: '2026-05-31T00:00:00.000Z', message: 'hello' }),
  ]);
});

type Asked = readonly string[];

/** `sum.id` requests the sum of the field `id`. */
function request(groupBy: Asked, aggregates: Asked): AggregateRequest {
  return {
    groupBy,
    aggregates: aggregates.map((name) => {
      const [operation, field = ''] = name.split('.');
      // Tests also request unknown operations.
      return { operation: operation as 'count', field };
    }),
  };
}

async function rows(groupBy: Asked, aggregates: Asked, args: Spelled = {}, scope: QueryScope = aScope()) {
  const found = await aggregate(db, scope, request(groupBy, aggregates), toListArguments(args));
  return found.map(({ group, values }) => ({ ...group, ...Object.fromEntries(values) }));
}

describe('aggregate', () => {
  it('aggregates print exact numbers like PostgreSQL', async () => {
    const asked = ['count.*', 'count.id', 'count.message', 'countDistinct.collection', 'sum.id', 'avg.id'];

    expect(await rows([], [...asked, 'sumDistinct.id', 'avgDistinct.id'])).toEqual([
      {
        'count.*': '5',
        'count.id': '5',
        'count.message': '1',
        'countDistinct.collection': '3',
        'sum.id': '21',
        'avg.id': '4.2000000000000000',
        'sumDistinct.id': '21',
        'avgDistinct.id': '4.2000000000000000',
      },
    ]);
  });

  it('aggregates return minimum and maximum as values of the field', async () => {
    expect(await rows([], ['min.id', 'max.id', 'min.timestamp', 'max.timestamp', 'max.year(timestamp)'])).toEqual([
      {
        'min.id': 1,
        'max.id': 8,
        'min.timestamp': '2025-12-31T23:00:00.000Z',
        'max.timestamp': '2026-05-31T00:00:00.000Z',
        'max.year(timestamp)': 2026,
      },
    ]);
  });

  it('aggregates count fields of every type', async () => {
    const asked = ['count.timestamp', 'count.recipient', 'countDistinct.recipient', 'countDistinct.timestamp'];

    expect(await rows([], asked)).toEqual([
      {
        'count.timestamp': '4',
        'count.recipient': '5',
        'countDistinct.recipient': '2',
        'countDistinct.timestamp': '4',
      },
    ]);
    expect(await rows([], ['count.password'], {}, aScope({ collection: usersCollection }))).toEqual([
      { 'count.password': '0' },
    ]);
  });

  it('aggregates without rows are null', async () => {
    expect(await rows([], ['count.*', 'sum.id', 'max.timestamp'], { filter: { id: 99 } })).toEqual([
      { 'count.*': '0', 'sum.id': null, 'max.timestamp': null },
    ]);
  });

  it('aggregates cover the visible rows that match filter and search', async () => {
    expect(await rows([], ['count.*'], { filter: { id: { _gt: 7 } }, search: 'y' })).toEqual([{ 'count.*': '1' }]);
    expect(await rows([], ['count.*'], {}, aMemberScope())).toEqual([{ 'count.*': '3' }]);
    expect(await rows([], ['count.*'], { filter: { recipient: { first_name: 'Alice' } } })).toEqual([
      { 'count.*': '2' },
    ]);
  });

  it('aggregates compute each measure once, however often it is requested', async () => {
    expect(await rows([], Array(5000).fill('count.id'))).toEqual([{ 'count.id': '5' }]);
  });

  it('an aggregation without groups is one row, whatever the sort', async () => {
    expect(await rows([], [])).toEqual([{}]);
    expect(await rows([], ['count.*'], { sort: ['-id', 'count'] })).toEqual([{ 'count.*': '5' }]);
  });
});

describe('groups', () => {
  it('groups are ordered by their first field, texts by code point', async () => {
    expect(await rows(['collection'], ['count.*'])).toEqual([
      { collection: 'B', 'count.*': '1' },
      { collection: 'a', 'count.*': '1' },
      { collection: 'b', 'count.*': '2' },
      { collection: null, 'count.*': '1' },
    ]);
  });

  it('groups can have several fields and functions', async () => {
    expect(await rows(['year(timestamp)', ' status ', 'month(timestamp)'], ['sum.id'])).toEqual([
      { timestamp_year: 2025, status: 'inbox', timestamp_month: 12, 'sum.id': '1' },
      { timestamp_year: 2026, status: 'inbox', timestamp_month: 1, 'sum.id': '2' },
      { timestamp_year: 2026, status: 'inbox', timestamp_month: 5, 'sum.id': '11' },
      { timestamp_year: null, status: 'archived', timestamp_month: null, 'sum.id': '7' },
    ]);
  });

  it('groups without aggregates are the distinct values', async () => {
    expect(await rows(['subject', 'subject'], [])).toEqual([{ subject: 'x' }, { subject: 'y' }]);
    expect(await rows(['recipient'], [])).toEqual([{ recipient: alice }, { recipient: bob }]);
    expect(await rows(['weekday(timestamp)'], [])).toEqual([
      { timestamp_weekday: 0 },
      { timestamp_weekday: 3 },
      { timestamp_weekday: 4 },
      { timestamp_weekday: 5 },
      { timestamp_weekday: null },
    ]);
  });

  it.each<[string, string[], string[]]>([
    ['-status', ['count.*'], ['inbox', 'archived']],
    ['count', ['count.*'], ['archived', 'inbox']],
    ['-count', ['count.*'], ['inbox', 'archived']],
    ['-count', ['count.id'], ['inbox', 'archived']],
    ['-count', ['count.timestamp', 'count.message'], ['inbox', 'archived']],
    ['countAll', [], ['archived', 'inbox']],
    ['-count.id', ['count.id'], ['inbox', 'archived']],
    ['-count(id)', ['count.id'], ['inbox', 'archived']],
    ['-sum', ['sum.id'], ['inbox', 'archived']],
    ['max.id', [], ['archived', 'inbox']],
    ['-max.timestamp', [], ['archived', 'inbox']],
  ])('groups are sorted by %s with %j', async (sort, aggregates, expected) => {
    const found = await rows(['status'], aggregates, { sort: [sort] });

    expect(found.map((row) => (row as { status?: string }).status)).toEqual(expected);
  });

  it('groups are sorted by functions in both spellings', async () => {
    for (const sort of ['-year(timestamp)', '-timestamp_year']) {
      expect(await rows(['year(timestamp)'], [], { sort: [sort] })).toEqual([
        { timestamp_year: null },
        { timestamp_year: 2026 },
        { timestamp_year: 2025 },
      ]);
    }
  });

  it.each<[string, string[], string[]]>([
    ['a descending sort by a field', ['-subject'], ['y inbox', 'y archived', 'x inbox']],
    ['an ascending sort by a field', ['subject'], ['x inbox', 'y archived', 'y inbox']],
    ['a descending sort by an aggregate', ['-max.year(timestamp)'], ['y archived', 'y inbox', 'x inbox']],
    ['no sort', [], ['x inbox', 'y archived', 'y inbox']],
  ])('equal groups are ordered by their other fields after %s', async (_name, sort, expected) => {
    const found = await rows(['subject', 'status'], [], { sort });

    expect(found.map((row) => Object.values(row).join(' '))).toEqual(expected);
  });

  it('groups are paged like rows', async () => {
    const scope = aScope({ limits: { ...limits, queryDefault: 2 } });

    expect(await rows(['id'], [], {}, scope)).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await rows(['id'], [], { page: 3 }, scope)).toEqual([{ id: 8 }]);
    expect(await rows(['id'], [], { sort: ['-id'], limit: 1, offset: 1 })).toEqual([{ id: 7 }]);
  });
});

describe('a refused aggregate', () => {
  it.each<[string, Asked, Asked, Spelled, string]>([
    ['an unknown function', [], ['nope.id'], {}, 'INVALID_QUERY'],
    ['a function from the prototype', [], ['constructor.id'], {}, 'INVALID_QUERY'],
    ['the sum of a text', [], ['sum.subject'], {}, 'INVALID_QUERY'],
    ['the average of a time', [], ['avg.timestamp'], {}, 'INVALID_QUERY'],
    ['the minimum of a text', [], ['min.subject'], {}, 'INVALID_QUERY'],
    ['the maximum of a key', [], ['max.recipient'], {}, 'INVALID_QUERY'],
    ['the sum of *', [], ['sum.*'], {}, 'INVALID_QUERY'],
    ['the distinct count of *', [], ['countDistinct.*'], {}, 'INVALID_QUERY'],
    ['an unknown field', [], ['count.nope'], {}, 'FORBIDDEN'],
    ['a group by an unknown field', ['nope'], ['count.*'], {}, 'FORBIDDEN'],
    ['a group by a related field', ['recipient.email'], ['count.*'], {}, 'INVALID_QUERY'],
    ['an unknown function as a group', ['decade(timestamp)'], [], {}, 'INVALID_QUERY'],
    ['a function of a text as a group', ['year(subject)'], [], {}, 'INVALID_QUERY'],
    ['a sort by an unknown field', ['status'], [], { sort: ['nope'] }, 'FORBIDDEN'],
    ['a sort by an unknown field without groups', [], ['count.*'], { sort: ['nope'] }, 'FORBIDDEN'],
    ['a sort by a field that is not grouped', ['status'], [], { sort: ['id'] }, 'INVALID_QUERY'],
    ['a sort by a sum that is not selected', ['status'], [], { sort: ['sum'] }, 'INVALID_QUERY'],
    ['a sort by an unknown count', ['status'], [], { sort: ['count.nope'] }, 'FORBIDDEN'],
    ['a filter on an unknown field', [], ['count.*'], { filter: { nope: 1 } }, 'FORBIDDEN'],
    ['a negative limit', [], ['count.*'], { limit: -2 }, 'INVALID_QUERY'],
  ])('an aggregation is refused with %s', async (_name, groupBy, aggregates, args, code) => {
    await expect(rows(groupBy, aggregates, args)).rejects.toMatchObject({ code });
  });

  it.each<[Asked, Asked, string]>([
    [['password'], [], 'INVALID_QUERY'],
    [[], ['countDistinct.password'], 'INVALID_QUERY'],
    [['email_notifications'], [], 'FORBIDDEN'],
    [[], ['max.last_access'], 'FORBIDDEN'],
  ])('an aggregation of users by %j with %j is refused', async (groupBy, aggregates, code) => {
    const scope = aMemberScope({ collection: usersCollection });

    await expect(rows(groupBy, aggregates, {}, scope)).rejects.toMatchObject({ code });
  });

  it('a refused aggregate names the function and the field', async () => {
    await expect(rows([], ['sum.subject'])).rejects.toMatchObject({
      extensions: { reason: 'the aggregate function "sum" does not apply to "subject"' },
    });
  });
});
