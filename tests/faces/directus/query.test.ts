import { describe, expect, it } from '@jest/globals';
import { parseQuery } from '../../../src/faces/directus/query.ts';
import { bodyQuery, faultOf, limits, queryOf } from './support/resources.ts';

const invalid = (reason: string) =>
  expect.objectContaining({ code: 'INVALID_QUERY', extensions: { reason: expect.stringContaining(reason) } });

describe('query parameters', () => {
  it('a query selects all fields by default', () => {
    expect(queryOf('')).toEqual({ fields: ['*'] });
    expect(queryOf('fields=&sort=&search=%20&filter=&unknown=1')).toEqual({ fields: ['*'] });
  });

  it.each([
    'fields=id,status',
    'fields[]=id&fields[]=status',
    'fields[]=id,status',
    'fields=id&fields=status',
    'fields=%20id%20,status,',
  ])('the fields of a query may be given as %s', (text) => {
    expect(queryOf(text).fields).toEqual(['id', 'status']);
  });

  it('a filter in a query string may be JSON or in brackets', () => {
    const filter = { _or: [{ id: { _eq: '1' } }, { id: { _eq: '2' } }] };

    expect(queryOf(`filter=${encodeURIComponent(JSON.stringify(filter))}`).filter).toEqual(filter);
    expect(queryOf('filter[_or][0][id][_eq]=1&filter[_or][1][id][_eq]=2').filter).toEqual(filter);
  });

  it('a query in a body may have native values', () => {
    const given = {
      fields: ['id'],
      sort: '-id',
      limit: 2,
      meta: '*',
      filter: { id: 1 },
      aggregate: { count: 'id,item' },
    };

    expect(bodyQuery(given)).toEqual({
      fields: ['id'],
      sort: ['-id'],
      limit: 2,
      meta: ['total_count', 'filter_count'],
      filter: { id: 1 },
      aggregate: { count: ['id', 'item'] },
    });
  });

  it('meta may request one of its counts', () => {
    expect(queryOf('meta=filter_count').meta).toEqual(['filter_count']);
  });

  it('a limit is reduced to the maximum of GraphQL’s Int', () => {
    expect(parseQuery({ limit: '99999999999' }, { ...limits, queryMax: undefined }).limit).toBe(2 ** 31 - 1);
  });

  it.each([
    ['limit=-2', 'limit'],
    ['limit=abc', 'limit'],
    ['limit=1.5', 'limit'],
    ['offset=-1', 'offset'],
    ['page=x', 'page'],
    ['meta=all', 'meta'],
    ['export=nope', 'export'],
    ['fields[a]=id', 'fields'],
    ['filter={bad', 'filter'],
    ['filter=1', 'filter'],
    ['alias[a.b]=id', 'alias'],
    ['alias[a]=b.c', 'alias'],
    ['alias={"__proto__":"id"}', 'alias'],
    ['search=%00', 'search'],
    ['sort=a%00', 'sort'],
    [`fields=${'a.'.repeat(10)}b`, 'fields'],
    [`sort=${'a.'.repeat(10)}b`, 'sort'],
    [`deep=${'{"a":'.repeat(11)}{}${'}'.repeat(11)}`, 'deep'],
  ])('a query with %s is refused', (text, parameter) => {
    expect(faultOf(() => queryOf(text))).toEqual(invalid(`"${parameter}"`));
  });

  it('a query with a limit above the configured maximum is refused', () => {
    const fault = faultOf(() => parseQuery({ limit: '11' }, { ...limits, queryMax: 10 }));

    expect(fault).toEqual(invalid('10'));
  });

  it('a parameter with 20,000 levels is refused', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);

    expect(faultOf(() => bodyQuery({ deep }))).toEqual(invalid('deep'));
  });
});
