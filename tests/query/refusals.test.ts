import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../src/errors.ts';
import type { Filter } from '../../src/query/filter-input.ts';
import { type ListArguments, listStatement, type QueryScope } from '../../src/query/list.ts';
import { aMemberScope, aScope, limits } from './people.ts';
import { type Spelled, toListArguments } from './to-list-arguments.ts';

function refusal(args: Spelled, scope: QueryScope = aScope()): { code: string; reason: string } {
  try {
    listStatement(scope, ['id'], toListArguments(args));
  } catch (error) {
    if (error instanceof ServiceError) return { code: error.code, reason: String(error.extensions['reason']) };
    throw error;
  }
  throw new Error('It was not refused.');
}

function nested(levels: number, wrap: (inner: unknown) => unknown, innermost: unknown): unknown {
  let filter = innermost;
  for (let level = 0; level < levels; level += 1) filter = wrap(filter);
  return filter;
}

const nestedRecipients = (levels: number) => nested(levels, (inner) => ({ recipient: inner }), { _eq: 1 });

describe('a field that is unknown or denied', () => {
  it.each<[string, Spelled, string[]]>([
    ['in a filter', { filter: { nope: { _eq: 1 } } }, ['"nope"', '"directus_notifications"', 'root']],
    ['if it is a column that is no field', { filter: { created_version: { _null: true } } }, ['"created_version"']],
    ['within groups', { filter: { _or: [{ id: 1 }, { _and: [{ nope: 1 }] }] } }, ['"nope"']],
    ['of a related row', { filter: { recipient: { nope: 1 } } }, ['"nope"', '"directus_users"', 'at recipient']],
    ['in a function', { filter: { 'year(nope)': 1 } }, ['"nope"']],
    ['in a function in its GraphQL spelling', { filter: { nope_func: { year: 1 } } }, ['"nope_func"']],
    ['if it is a field of functions without a function', { filter: { timestamp_func: 2026 } }, ['"timestamp_func"']],
    ['with a name that PostgreSQL cannot hold', { filter: { 'a\0b': 1 } }, ['"directus_notifications"']],
    ['deeper than fields may be nested', { filter: nestedRecipients(11) }, ['"recipient"', 'at recipient']],
    ['if it is a property of every object', { filter: { constructor: 1 } }, ['"constructor"']],
    ['in a sort', { sort: ['-nope'] }, ['"nope"', 'root']],
    ['in a sort by a question mark', { sort: ['?'] }, ['"?"']],
    ['in a sort by a related row', { sort: ['recipient.nope'] }, ['"nope"', '"directus_users"', 'at recipient']],
    ['in a sort through a field that is no relation', { sort: ['status.id'] }, ['"status.id"']],
    ['in a sort by an empty name', { sort: ['-'] }, ['""']],
    ['in a variable', { filter: { subject: '$CURRENT_USER.nope' } }, ['"nope"', '"directus_users"']],
    ['in a variable of the role', { filter: { subject: '$CURRENT_ROLE.nope' } }, ['"nope"', '"directus_roles"']],
  ])('an unknown or denied field is forbidden %s', (_name, args, named) => {
    const { code, reason } = refusal(args);

    expect(code).toBe('FORBIDDEN');
    for (const name of named) expect(reason).toContain(name);
  });

  it.each<[string, Spelled]>([
    ['in a filter', { filter: { recipient: { email_notifications: { _eq: true } } } }],
    ['within groups of a relation', { filter: { recipient: { _or: [{ email_notifications: true }] } } }],
    ['in a concealed field', { filter: { sender: { token: { _null: true } } } }],
    ['in a function', { filter: { sender: { last_access_func: { year: { _eq: 1 } } } } }],
    ['in a sort', { sort: ['recipient.email_notifications'] }],
    ['in a sort by a function', { sort: ['recipient.year(last_access)'] }],
    ['in a variable', { filter: { timestamp: { _gt: '$CURRENT_USER.last_access' } } }],
  ])('a denied field is forbidden to a member %s', (_name, args) => {
    expect(refusal(args, aMemberScope()).code).toBe('FORBIDDEN');
    expect(() => listStatement(aScope(), ['id'], toListArguments(args))).not.toThrow();
  });
});

describe('an operator', () => {
  it.each<[string, string, string[]]>([
    ['id', 'id', ['_contains', '_empty', '_starts_with', '_nope', '_some']],
    ['year(timestamp)', 'year', ['_contains', '_empty', '_nope']],
    ['subject', 'subject', ['_lt', '_gt', '_between', '_nicontains', '_ieq', '_nieq', '_regex', '_nope', '_json']],
    ['recipient', 'id', ['_lt', '_between', '_nope', '_some', '_none']],
    ['recipient', 'recipient', ['_contains', '_empty']],
    ['timestamp', 'timestamp', ['_contains', '_ncontains', '_empty', '_nempty', '_starts_with']],
  ])('an operator that %s does not support is refused, naming %s', (field, named, operators) => {
    for (const operator of operators) {
      const { code, reason } = refusal({ filter: { [field]: { [operator]: 'true' } } });

      expect(code).toBe('INVALID_QUERY');
      expect(reason).toContain(`"${operator}"`);
      expect(reason).toContain(`"${named}"`);
    }
  });

  it.each<[string, string]>([
    ['email_notifications', '_in'],
    ['email_notifications', '_lt'],
    ['password', '_eq'],
    ['token', '_contains'],
  ])('an operator that a related %s does not support is refused: %s', (field, operator) => {
    expect(refusal({ filter: { recipient: { [field]: { [operator]: 'true' } } } }).code).toBe('INVALID_QUERY');
  });

  it('an operator instead of a field is refused', () => {
    expect(refusal({ filter: { _eq: 1 } }).reason).toContain('"_eq"');
    expect(refusal({ filter: { recipient: { _or: [{ _nope: 1 }] } } }).reason).toContain('"_nope"');
  });

  it('a refused operator is named with its field', () => {
    expect(refusal({ filter: { recipient: { avatar: { _contains: 1 } } } }).reason).toBe(
      '"recipient.avatar" does not take the operator "_contains"',
    );
  });
});

describe('a value', () => {
  it.each<[string, unknown]>([
    ['no number', { id: { _eq: 'abc' } }],
    ['a fraction', { id: { _gt: 1.5 } }],
    ['not a number', { id: { _lt: Number.NaN } }],
    ['a number that is too big', { id: { _eq: '9223372036854775808' } }],
    ['a boolean for a number', { id: { _eq: 'true' } }],
    ['a space for a number', { id: { _in: [' '] } }],
    ['no UUID', { recipient: { _eq: 'bob' } }],
    ['a list with a text that is no UUID', { sender: { _in: ['0b0b0000-0000-4000-8000-000000000002', 'bob'] } }],
    ['no date', { timestamp: { _gt: 'yesterday' } }],
    ['a day that does not exist', { timestamp: { _gt: '2026-02-30' } }],
    ['an hour that does not exist', { timestamp: { _gt: '2026-02-01T24:00:00Z' } }],
    ['a time zone that does not exist', { timestamp: { _gt: '2026-02-01T12:00:00+99' } }],
    ['a year that does not exist', { timestamp: { _gt: '0000-02-01' } }],
    ['milliseconds for a date', { timestamp: { _gt: 1_700_000_000_000 } }],
    ['no number for a function', { 'year(timestamp)': { _eq: 'x' } }],
    ['no boolean', { recipient: { email_notifications: 'yes' } }],
    ['an empty text', { subject: { _eq: '' } }],
    ['an empty text for _contains', { subject: { _contains: '' } }],
    ['an object', { subject: { _eq: { a: 1 } } }],
    ['a list', { subject: { _eq: ['a'] } }],
    ['a list as the value of a field', { id: [1, 2] }],
    ['an empty list', { id: { _in: [] } }],
    ['an empty text for a list', { id: { _nin: '' } }],
    ['an object for a list', { id: { _in: { a: 1 } } }],
    ['a list in a list', { id: { _in: [[1]] } }],
    ['an empty list for _between', { id: { _between: [] } }],
    ['null as an end of _between', { id: { _between: [1, null] } }],
    ['null for _gt', { id: { _gt: 'null' } }],
    ['no boolean for _null', { id: { _null: 'yes' } }],
    ['no boolean for _empty', { subject: { _empty: 1 } }],
    ['a list of roles where one value belongs', { subject: { _eq: '$CURRENT_ROLES' } }],
    ['no list for _and', { _and: { id: 1 } }],
    ['no list for _or below a field', { id: { _or: { _eq: 1 } } }],
    ['a text in _or', { _or: ['x'] }],
    ['a field below a field that is no relation', { status: { id: { _eq: 1 } } }],
    ['a text as the filter', 'x'],
    ['a list as the filter', [{ id: 1 }]],
    ['NUL', { subject: 'a\0b' }],
    ['NUL in a list', { subject: { _in: ['a\0b'] } }],
    ['half of a surrogate pair', { subject: { _contains: 'a\ud83d' } }],
  ])('a value is refused when it is %s', (_name, filter) => {
    expect(refusal({ filter }).code).toBe('INVALID_QUERY');
  });

  it('a sort or search that PostgreSQL cannot store is refused', () => {
    expect(refusal({ sort: ['a\0b'] }).code).toBe('INVALID_QUERY');
    expect(refusal({ search: 'a\0' }).code).toBe('INVALID_QUERY');
    expect(refusal({ search: '\udc00' }).code).toBe('INVALID_QUERY');
  });

  it('a refused value is named with its field and operator', () => {
    expect(refusal({ filter: { id: { _gte: 'x' } } }).reason).toMatch(/"_gte" of "id"/);
  });
});

describe('a function', () => {
  it.each<[string, Spelled]>([
    ['unknown', { filter: { 'decade(timestamp)': 1 } }],
    ['unknown in a sort', { sort: ['decade(timestamp)'] }],
    ['of a text', { filter: { 'year(subject)': 1 } }],
    ['of a text in a sort', { sort: ['year(subject)'] }],
  ])('a function is refused when it is %s', (_name, args) => {
    expect(refusal(args).code).toBe('INVALID_QUERY');
  });
});

describe('depth', () => {
  it('the depth of fields is limited, whether they exist or not', () => {
    expect(refusal({ sort: [Array(11).fill('recipient').join('.')] }).code).toBe('INVALID_QUERY');
    expect(refusal({ sort: [Array(10).fill('recipient').join('.')] }).code).toBe('FORBIDDEN');
  });

  it('the depth of fields includes the field itself', () => {
    const scope = aScope({ limits: { ...limits, relationalDepth: 1 } });

    expect(refusal({ filter: { recipient: { email: 'x' } } }, scope).code).toBe('INVALID_QUERY');
    expect(refusal({ sort: ['recipient.email'] }, scope).code).toBe('INVALID_QUERY');
  });

  it.each([101, 100_000])('the depth of groups is limited: %d', (levels) => {
    expect(refusal({ filter: nested(levels, (inner) => ({ _and: [inner] }), { id: 1 }) }).code).toBe('INVALID_QUERY');
    expect(refusal({ filter: { id: nested(levels, (inner) => ({ _or: [inner] }), 1) } }).code).toBe('INVALID_QUERY');
  });

  it('groups below the maximum depth are accepted', () => {
    const spelled = nested(100, (inner) => ({ _and: [inner] }), { id: 1 });
    const below = { id: nested(100, (inner) => ({ _or: [inner] }), 1) };

    expect(() => listStatement(aScope(), ['id'], toListArguments({ filter: spelled }))).not.toThrow();
    expect(() => listStatement(aScope(), ['id'], toListArguments({ filter: below }))).not.toThrow();
  });

  it.each([101, 100_000])('the depth of groups is also limited when a filter does not come from REST: %d', (levels) => {
    let filter: Filter = { id: { _eq: 1 } };
    for (let level = 0; level < levels; level += 1) filter = { _and: [filter] };

    expect(() => listStatement(aScope(), ['id'], { filter })).toThrow('"filter" may be nested at most 100 levels deep');
  });
});

describe('size', () => {
  it('the size of a query is limited by the number of parameters of a statement', () => {
    const filter = { _or: Array.from({ length: 65_536 }, (_, id) => ({ id })) };

    expect(refusal({ filter }).code).toBe('INVALID_QUERY');
  });

  it.each<[string, number, unknown]>([
    ['conditions that must all hold', 1001, { id: { _gt: 1 } }],
    ['alternatives within such conditions', 251, { _or: [{ id: 1 }, { status: 'inbox' }] }],
    ['excluded ranges within such conditions', 251, { id: { _nbetween: [1, 2] } }],
    ['tests for empty texts within such conditions', 251, { item: { _empty: true } }],
    ['computed fields', 251, { recipient: { token: { _null: true } } }],
  ])('the size of a query is limited by planning time: %s', (_name, most, condition) => {
    const times = (count: number) => ({ filter: { _and: [{ _and: Array(count).fill(condition) }] } });

    expect(refusal(times(most)).code).toBe('INVALID_QUERY');
    expect(() => listStatement(aScope(), ['id'], toListArguments(times(most - 1)))).not.toThrow();
    expect(() =>
      listStatement(aScope(), ['id'], toListArguments({ filter: { _or: Array(1000).fill({ id: 1 }) } })),
    ).not.toThrow();
  });

  it.each([
    ['alternatives', { _or: Array(1001).fill({ id: 1 }) }],
    ['values of a field', { id: { _or: Array(1001).fill({ _eq: 1 }) } }],
    ['conditions of related rows', { recipient: { _and: [{ _or: Array(1001).fill({ email: { _contains: 'a' } }) }] } }],
    ['parts of a time', { 'year(timestamp)': { _or: Array(1001).fill({ _eq: 1 }) } }],
  ])('the total number of conditions is limited: %s', (_name, filter) => {
    expect(refusal({ filter }).code).toBe('INVALID_QUERY');
  });

  it.each([
    ['a search', { search: 'a'.repeat(1001) }],
    ['one text', { filter: { subject: { _icontains: 'a'.repeat(10_001) } } }],
    ['many texts', { filter: { _or: Array(101).fill({ subject: { _nistarts_with: 'a'.repeat(100) } }) } }],
    [
      'texts of related rows',
      { filter: { recipient: { _or: Array(101).fill({ email: { _iends_with: 'a'.repeat(100) } }) } } },
    ],
  ])('the length of case-insensitive text is limited: %s', (_name, args) => {
    expect(refusal(args).code).toBe('INVALID_QUERY');
  });

  it('the length of case-sensitive text is not limited', () => {
    const text = 'a'.repeat(100_000);
    const filter = { subject: { _eq: text, _contains: text, _in: [text] } };

    expect(() => listStatement(aScope(), ['id'], { filter })).not.toThrow();
  });

  it('repeated queries do not use up the limits', () => {
    const { text } = listStatement(aScope(), ['id'], { sort: Array(100_000).fill('-subject') });

    expect(text.length).toBeLessThan(200);
  });
});

describe('pages', () => {
  it.each<ListArguments>([
    { limit: -2 },
    { limit: 1.5 },
    { limit: Number.NaN },
    { limit: Number.POSITIVE_INFINITY },
    { limit: 2 ** 53 },
    { offset: -1 },
    { offset: 0.5 },
    { offset: 2 ** 53 },
    { page: -1 },
    { page: Number.NaN },
  ])('the invalid argument %j is refused', (args) => {
    const { code, reason } = refusal(args);

    expect(code).toBe('INVALID_QUERY');
    expect(reason).toContain(`"${Object.keys(args)[0]}"`);
  });

  it('a limit above the maximum is refused', () => {
    expect(refusal({ limit: 11 }, aScope({ limits: { ...limits, queryMax: 10 } })).code).toBe('INVALID_QUERY');
  });
});

describe('a concealed field', () => {
  it.each<Spelled>([{ sort: ['recipient.password'] }, { filter: { subject: '$CURRENT_USER.password' } }])(
    'the invalid argument %j is refused',
    (args) => {
      expect(refusal(args).code).toBe('INVALID_QUERY');
    },
  );
});
