import { describe, expect, it } from '@jest/globals';
import type { Sql } from '../../src/database/sql.ts';
import { countStatement, listStatement } from '../../src/query/list.ts';
import { aMemberScope, aScope, bob, carol, viewer } from './people.ts';
import { type Spelled, toListArguments } from './to-list-arguments.ts';

const list = (args: Spelled, scope = aScope()): Sql => listStatement(scope, ['id', 'subject'], toListArguments(args));

describe('a shape', () => {
  it('a shape is the same for other values', () => {
    const one = list({ filter: { id: { _in: [1] }, subject: { _contains: 'a' } }, search: 'q', limit: 7, offset: 1 });
    const other = list({
      filter: { id: { _in: [2, 3] }, subject: { _contains: '%' } },
      search: 'y',
      limit: 8,
      offset: 2,
    });

    expect(other.text).toBe(one.text);
    expect(one.values).toEqual([[1], '%a%', '%q%', '%q%', '%q%', '%q%', 7, 1]);
    expect(other.values).toEqual([[2, 3], '%\\%%', '%y%', '%y%', '%y%', '%y%', 8, 2]);
  });

  it('a shape is the same for every member', () => {
    const filter = { sender: { email: 'x' } };
    const one = list({ filter }, aMemberScope());
    const other = list({ filter }, aScope({ viewer: viewer(carol, 'member') }));

    expect(other.text).toBe(one.text);
    expect(one.values).toEqual([bob, bob, 'x']);
    expect(other.values).toEqual([carol, carol, 'x']);
  });

  it('a shape contains common page sizes as constants', () => {
    expect(list({}).text).toMatch(/limit 100$/);
    expect(list({ limit: 25 }).text).toMatch(/limit 25$/);
    expect(list({ limit: 27 }).text).toMatch(/limit \$1::bigint$/);
  });

  it.each<[string, Spelled, Spelled]>([
    ['operators', { filter: { id: { _gt: 1 } } }, { filter: { id: { _lt: 1 } } }],
    ['fields', { filter: { subject: 'a' } }, { filter: { message: 'a' } }],
    ['relations', { filter: { sender: { email: 'a' } } }, { filter: { recipient: { email: 'a' } } }],
    ['functions', { filter: { 'day(timestamp)': 1 } }, { filter: { 'hour(timestamp)': 1 } }],
    ['null', { filter: { message: { _neq: 'a' } } }, { filter: { message: { _neq: null } } }],
    ['flags', { filter: { message: { _null: true } } }, { filter: { message: { _null: false } } }],
    ['variables', { filter: { subject: '$CURRENT_USER.email' } }, { filter: { subject: '$CURRENT_USER.title' } }],
    ['the number of ends', { filter: { id: { _between: [1, 2] } } }, { filter: { id: { _between: [1] } } }],
    ['groups', { filter: { _or: [{ id: 1 }, { id: 2 }] } }, { filter: { _and: [{ id: 1 }, { id: 2 }] } }],
    [
      'where groups end',
      { filter: { _or: [{ id: 1, status: 'a' }, { item: 'b' }] } },
      { filter: { _or: [{ id: 1 }, { status: 'a', item: 'b' }] } },
    ],
    [
      'a condition that always holds',
      { filter: { _or: [{ id: 1 }, {}] } },
      { filter: { _or: [{ id: 1 }, { id: 2 }] } },
    ],
    ['searches', { search: 'a' }, { search: '1' }],
    ['directions', { sort: ['subject'] }, { sort: ['-subject'] }],
    ['orders', { sort: ['subject', 'status'] }, { sort: ['status', 'subject'] }],
    ['limits', { limit: 7 }, { limit: -1 }],
    ['offsets', { limit: 7, offset: 1 }, { limit: 7 }],
  ])('a shape differs by %s', (_name, one, other) => {
    // Twice, because the second may come from the cache.
    for (let time = 0; time < 2; time += 1) expect(list(one).text).not.toBe(list(other).text);
  });

  it('a shape differs by columns, viewer and purpose', () => {
    const texts = [
      listStatement(aScope(), ['id'], {}),
      listStatement(aScope(), ['id', 'uuid'], {}),
      listStatement(aScope({ keys: [1] }), ['id'], {}),
      listStatement(aMemberScope(), ['id'], {}),
      listStatement(aScope({ viewer: { kind: 'anonymous' } }), ['id'], {}),
      countStatement(aScope(), {}),
      countStatement(aMemberScope(), {}),
    ].map(({ text }) => text);

    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe('a prepared statement', () => {
  it('a statement is prepared only when its shape is repeated', () => {
    const args = { filter: { item: { _eq: 'a' } } };

    const [first, second, third] = [list(args), list(args), list(args)];

    expect(first).not.toHaveProperty('name');
    expect(second.name).toMatch(/^tidings_[0-9a-f]{32}$/);
    expect(third.name).toBe(second.name);
  });

  it('prepared statements have one name per text', () => {
    const names = Array.from({ length: 300 }, (_, index) => {
      const args = { filter: { _and: Array((index % 100) + 1).fill({ id: 1 }) }, limit: 1 + Math.floor(index / 100) };
      list(args);
      return list(args).name;
    });

    expect(new Set(names).size).toBe(new Set(names.map(String)).size);
    expect(names).not.toContain(undefined);
  });
});
