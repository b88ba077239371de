import { beforeAll, describe, expect, it } from '@jest/globals';
import { countStatement, keysStatement, type ListArguments, listStatement } from '../../src/query/list.ts';
import { usersCollection } from '../../src/users/model.ts';
import { onTestDatabase } from '../support/database.ts';
import { alice, aMemberScope, aRow, aScope, bob, carol, insertPeople, replaceRows } from './people.ts';
import { toQueryFilter } from './to-list-arguments.ts';

const { db } = await onTestDatabase();

beforeAll(async () => {
  await insertPeople(db);
  await replaceRows(db, [
    aRow({ id: 1, recipient: alice, subject: 'Hi there!', timestamp: '2025-12-28T23:59:59.999Z' }),
    aRow({ id: 2, recipient: alice, sender: bob, subject: 'Second', message: '100% sure', item: '1' }),
    aRow({ id: 3, sender: carol, subject: 'A1', message: '100 percent', collection: 'directus_files', item: '' }),
    aRow({ id: 4, sender: bob, subject: 'a2', collection: 'pages', timestamp: null }),
    aRow({ id: 5, subject: 'back\\slash', status: 'archived', item: 'true', timestamp: '2026-01-04T10:20:30.000Z' }),
  ]);
});

async function keys(filter: unknown, scope = aScope()): Promise<number[]> {
  const rows = await db.query<{ id: number }>(keysStatement(scope, { filter: toQueryFilter(filter) }));
  return rows.map(({ id }) => id);
}

describe('operators', () => {
  it.each<[string, unknown, number[]]>([
    ['_eq', { id: { _eq: 2 } }, [2]],
    ['_eq with a number as text', { id: { _eq: ' 2 ' } }, [2]],
    ['_eq on texts with a number', { item: { _eq: 1 } }, [2]],
    ['_eq on texts with true as text', { item: { _eq: 'true' } }, [5]],
    ['_eq null', { message: { _eq: null } }, [1, 4, 5]],
    ['_eq "NULL"', { message: { _eq: 'NULL' } }, [1, 4, 5]],
    ['_neq', { message: { _neq: '100% sure' } }, [3]],
    ['_neq null', { message: { _neq: null } }, [2, 3]],
    ['_lt', { id: { _lt: 3 } }, [1, 2]],
    ['_lte', { id: { _lte: 3 } }, [1, 2, 3]],
    ['_gt', { id: { _gt: 3 } }, [4, 5]],
    ['_gte', { id: { _gte: 3 } }, [3, 4, 5]],
    ['_in', { id: { _in: [1, '3', 99] } }, [1, 3]],
    ['_in with a comma-separated text', { id: { _in: '1, 3' } }, [1, 3]],
    ['_in with indexes', { id: { _in: { 1: 3, 0: 1 } } }, [1, 3]],
    ['_in with one value', { id: { _in: 4 } }, [4]],
    ['_in with an empty text', { item: { _in: ['', '1'] } }, [2, 3]],
    ['_in with null', { message: { _in: ['100 percent', null] } }, [3]],
    ['_nin', { item: { _nin: ['1', 'true'] } }, [3]],
    ['_nin with null', { id: { _nin: [1, null] } }, []],
    ['_between', { id: { _between: [2, 4] } }, [2, 3, 4]],
    ['_between with a comma-separated text', { id: { _between: '2,3' } }, [2, 3]],
    ['_nbetween', { id: { _nbetween: [2, 4] } }, [1, 5]],
    ['_between on times', { timestamp: { _between: ['2026-01-01', '2026-01-02'] } }, [2, 3]],
    ['_between with one end', { id: { _between: [2] } }, [1, 2, 3, 4, 5]],
    ['_between with three ends', { id: { _between: [2, 3, 4] } }, [1, 2, 3, 4, 5]],
    ['_contains', { subject: { _contains: 'a' } }, [4, 5]],
    ['_contains with a percent sign', { message: { _contains: '100%' } }, [2]],
    ['_contains with an underscore', { collection: { _contains: '_' } }, [3]],
    ['_contains with a backslash', { subject: { _contains: 'k\\s' } }, [5]],
    ['_contains with null as text', { subject: { _contains: 'null' } }, []],
    ['_ncontains', { message: { _ncontains: '%' } }, [3]],
    ['_icontains', { subject: { _icontains: 'A' } }, [3, 4, 5]],
    ['_starts_with', { subject: { _starts_with: 'a' } }, [4]],
    ['_nstarts_with', { subject: { _nstarts_with: 'a' } }, [1, 2, 3, 5]],
    ['_istarts_with', { subject: { _istarts_with: 'a' } }, [3, 4]],
    ['_nistarts_with', { subject: { _nistarts_with: 'a' } }, [1, 2, 5]],
    ['_ends_with', { subject: { _ends_with: 'D' } }, []],
    ['_nends_with', { subject: { _nends_with: '1' } }, [1, 2, 4, 5]],
    ['_iends_with', { subject: { _iends_with: 'D' } }, [2]],
    ['_niends_with', { subject: { _niends_with: 'D' } }, [1, 3, 4, 5]],
    ['_null', { message: { _null: true } }, [1, 4, 5]],
    ['_null false', { message: { _null: 'false' } }, [2, 3]],
    ['_null with an empty text', { message: { _null: '' } }, [1, 4, 5]],
    ['_nnull', { message: { _nnull: true } }, [2, 3]],
    ['_nnull false', { message: { _nnull: false } }, [1, 4, 5]],
    ['_empty', { item: { _empty: true } }, [1, 3, 4]],
    ['_empty false', { item: { _empty: false } }, [2, 5]],
    ['_nempty', { item: { _nempty: 'true' } }, [2, 5]],
    ['_eq on keys', { recipient: { _eq: alice.toUpperCase() } }, [1, 2]],
    ['_nin on keys', { sender: { _nin: [bob] } }, [3]],
    ['_gt on times without a zone, which are UTC', { timestamp: { _gt: '2026-01-01 00:00' } }, [5]],
    ['_eq on times with a zone', { timestamp: { _eq: '2026-01-01T01:00:00+01:00' } }, [2, 3]],
    ['_lt on a time in the year 1', { timestamp: { _lt: '0001-01-01' } }, []],
  ])('an operator selects the matching rows: %s', async (_name, filter, expected) => {
    expect(await keys(filter)).toEqual(expected);
  });

  it('an operator set to null by a variable is ignored', async () => {
    const filter = { id: { _gt: null, _in: null, _between: null, _eq: 3 }, subject: { _contains: null, _null: null } };

    expect(await keys(filter)).toEqual([3]);
  });
});

describe('date functions', () => {
  it.each<[string, unknown, number[]]>([
    ['called as year(timestamp)', { 'year(timestamp)': { _eq: 2025 } }, [1]],
    ['given as timestamp_func', { timestamp_func: { year: { _lt: 2026 } } }, [1]],
    ['of several parts', { timestamp_func: { year: { _eq: 2026 }, day: { _eq: 4 } } }, [5]],
    [
      'in groups',
      { _or: [{ timestamp_func: { day: { _eq: 28 } } }, { timestamp_func: { hour: { _eq: 10 } } }] },
      [1, 5],
    ],
    ['in groups below a call', { 'day(timestamp)': { _or: [{ _eq: 28 }, { _eq: 4 }] } }, [1, 5]],
    ['month of a year', { 'month(timestamp)': 12 }, [1]],
    ['week as ISO week', { 'week(timestamp)': { _in: [52, 53] } }, [1]],
    ['weekday with 0 for Sunday', { 'weekday(timestamp)': 0 }, [1, 5]],
    ['hour in UTC', { 'hour(timestamp)': 23 }, [1]],
    ['minute of an hour', { 'minute(timestamp)': 20 }, [5]],
    ['second without its fraction', { 'second(timestamp)': 59 }, [1]],
    ['of null, which is null', { 'year(timestamp)': { _null: true } }, [4]],
    ['of a related row', { sender: { 'year(last_access)': { _null: true } } }, [1, 2, 3, 4, 5]],
    [
      'of a related row given as last_access_func',
      { recipient: { last_access_func: { second: { _eq: 59 } } } },
      [1, 2],
    ],
  ])('a filter supports date functions: %s', async (_name, filter, expected) => {
    expect(await keys(filter)).toEqual(expected);
  });
});

describe('relations', () => {
  it.each<[string, unknown, number[]]>([
    ['a field of the related row', { recipient: { email: { _eq: 'alice@example.com' } } }, [1, 2]],
    ['a field equal to a value', { recipient: { email: 'alice@example.com' } }, [1, 2]],
    ['a key as a value', { sender: bob }, [2, 4]],
    ['no related row', { sender: { _null: true } }, [1, 5]],
    ['no related row, as a value', { sender: null }, [1, 5]],
    ['the key of the related row', { sender: { id: { _in: [bob, carol] } } }, [2, 3, 4]],
    ['a null field, which a missing row matches', { sender: { email: { _null: true } } }, [1, 3, 5]],
    ['a different value, which a missing row does not match', { sender: { email: { _neq: 'x' } } }, [2, 4]],
    ['operators beside fields', { sender: { _nnull: true, first_name: { _contains: '_' } } }, [2, 4]],
    [
      'groups within a relation',
      { recipient: { _or: [{ email: { _contains: 'alice' } }, { _eq: bob }] } },
      [1, 2, 3, 4, 5],
    ],
    ['a boolean', { recipient: { email_notifications: { _neq: 'true' } } }, []],
    ['a concealed field', { recipient: { password: { _empty: true }, token: { _null: true } } }, [1, 2, 3, 4, 5]],
  ])('a filter on a relation supports %s', async (_name, filter, expected) => {
    expect(await keys(filter)).toEqual(expected);
  });

  it('a filter on a related key reads it from the row without a join', () => {
    const { text } = countStatement(aScope(), { filter: toQueryFilter({ sender: { _eq: bob } }) });

    expect(text).not.toContain('join');
  });

  it('a filter joins a related row once, however often it is named', () => {
    const args: ListArguments = {
      filter: toQueryFilter({ recipient: { email: 'a', first_name: 'b' }, _or: [{ recipient: { title: 'c' } }] }),
      sort: ['recipient.email'],
    };

    expect(listStatement(aScope(), ['id'], args).text.split(' join ')).toHaveLength(2);
  });

  it('a filter supports the fields of other collections', async () => {
    const scope = aScope({ collection: usersCollection });

    expect(
      await db.query(keysStatement(scope, { filter: { token: { _null: true }, email: { _nnull: true } } })),
    ).toEqual([{ id: alice }, { id: bob }]);
  });
});

describe('groups', () => {
  const all = [1, 2, 3, 4, 5];

  it.each<[string, unknown, number[]]>([
    ['no filter', undefined, all],
    ['a null filter', null, all],
    ['an empty filter', {}, all],
    ['an empty field', { id: {} }, all],
    ['an empty _and', { _and: [] }, all],
    ['an empty _or', { _or: [] }, all],
    ['groups set to null', { _and: null, _or: null, timestamp_func: null }, all],
    ['_and with null', { _and: [null, { id: { _eq: 1 } }] }, [1]],
    ['_or with null', { _or: [null, { id: { _eq: 1 } }] }, [1]],
    ['_or', { _or: [{ id: 1 }, { id: 2 }] }, [1, 2]],
    ['_or beside a field', { _or: [{ id: 1 }, { id: 5 }], status: 'archived' }, [5]],
    ['_or of objects with several fields', { _or: [{ id: 1, status: 'archived' }, { id: 2 }] }, [2]],
    ['_or with an empty object', { _or: [{ id: 1 }, {}] }, all],
    ['_or with a member without conditions', { _or: [{ id: 1 }, { id: { _between: [1] } }] }, [1]],
    ['_or with indexes', { _or: { 0: { id: 1 }, 1: { id: 2 } } }, [1, 2]],
    ['_or below a field', { id: { _or: [{ _eq: 1 }, { _eq: 2 }], _lt: 2 } }, [1]],
    ['_and below a field', { id: { _and: [{ _gt: 1 }, { _lt: 3 }] } }, [2]],
    ['nested groups', { _and: [{ _or: [{ id: 1 }, { _and: [{ id: 2 }, { status: 'inbox' }] }] }] }, [1, 2]],
  ])('a filter selects the matching rows with %s', async (_name, filter, expected) => {
    expect(await keys(filter)).toEqual(expected);
  });

  it('groups may have a thousand conditions', async () => {
    const filter = { _or: Array.from({ length: 500 }, (_, id) => ({ id, subject: { _contains: `${id}` } })) };

    expect(await keys(filter)).toEqual([]);
  });

  it('a list of any length is passed as one parameter', async () => {
    const filter = { id: { _in: Array.from({ length: 100_000 }, (_, id) => id) } };

    expect(await keys(filter)).toEqual(all);
  });
});

describe('rows', () => {
  it('rows with the given keys are all returned', async () => {
    const scope = aScope({ keys: [5, '3', 'x', 99, 1.5], limits: { ...aScope().limits, queryDefault: 1 } });

    expect(await keys({}, scope)).toEqual([3, 5]);
  });

  it('members get only their own rows', async () => {
    expect(await keys({}, aMemberScope())).toEqual([3, 4, 5]);
    expect(await keys({ id: { _lt: 4 } }, aMemberScope({ keys: [1, 3, 4] }))).toEqual([3]);
    expect(await db.query(countStatement(aMemberScope(), {}))).toEqual([{ count: 3 }]);
  });

  it('anonymous viewers get no rows', async () => {
    expect(await keys({}, aScope({ viewer: { kind: 'anonymous' } }))).toEqual([]);
  });

  it('the count of rows ignores the page', async () => {
    const args = { filter: toQueryFilter({ status: 'inbox' }), search: 'i', limit: 1, offset: 1, sort: ['-id'] };

    expect(await db.query(countStatement(aScope(), args))).toEqual([{ count: 4 }]);
  });

  it('rows have the requested columns', async () => {
    const [row] = await db.query(listStatement(aScope(), ['id', 'recipient_id', 'timestamp'], {}));

    expect(row).toEqual({ id: 1, recipient_id: alice, timestamp: '2025-12-28T23:59:59.999Z' });
  });

  it('a filter matches a related row only if the member may see it', async () => {
    expect(await keys({ sender: { email: { _eq: 'bob@example.com' } } }, aMemberScope())).toEqual([4]);
    expect(await keys({ sender: { first_name: { _null: true } } }, aMemberScope())).toEqual([3, 5]);
    expect(await keys({ sender: { id: { _eq: carol } } }, aMemberScope())).toEqual([3]);
    expect(await keys({ sender: { role: { _in: ['admin', 'member'] } } }, aMemberScope())).toEqual([4]);
  });
});
