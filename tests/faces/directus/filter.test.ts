import { describe, expect, it } from '@jest/globals';
import { toGraphQLFilter } from '../../../src/faces/directus/to-graphql-filter.ts';
import { faultOf, notifications, users } from './support/resources.ts';

const filter = (given: unknown) => toGraphQLFilter(given, notifications.filter);

describe('filters', () => {
  it.each<[string, unknown, unknown]>([
    ['an implicit _eq', { status: 'inbox' }, { status: { _eq: 'inbox' } }],
    ['a number for a text', { item: { _eq: 5 } }, { item: { _eq: '5' } }],
    ['a number for an integer', { id: 1 }, { id: { _eq: 1 } }],
    ['text for an integer', { id: { _gt: '1' } }, { id: { _gt: '1' } }],
    ['a comma-separated list', { id: { _in: '1,3' } }, { id: { _in: ['1', '3'] } }],
    ['a list given as an object', { id: { _in: { 0: '1', 501: '3' } } }, { id: { _in: ['1', '3'] } }],
    ['a text that looks like a boolean', { item: { _eq: 'true' } }, { item: { _eq: 'true' } }],
    ['null given as text', { sender: { _neq: 'NULL' } }, { sender: { id: { _nnull: true } } }],
    ['null', { item: null }, { item: { _null: true } }],
    ['an empty flag', { item: { _null: '' } }, { item: { _null: true } }],
    ['a flag given as text', { item: { _empty: 'false' } }, { item: { _empty: false } }],
    ['a variable', { timestamp: { _lt: '$NOW(-1 day)' } }, { timestamp: { _lt: '$NOW(-1 day)' } }],
    ['a compared relation', { recipient: '$CURRENT_USER' }, { recipient: { id: { _eq: '$CURRENT_USER' } } }],
    ['a relation path', { recipient: { email: 'x' } }, { recipient: { email: { _eq: 'x' } } }],
    [
      'a relation that is compared and has a condition on a field',
      { recipient: { _nnull: true, email: 'x' } },
      { recipient: { id: { _nnull: true }, email: { _eq: 'x' } } },
    ],
    ['a function', { 'year(timestamp)': 2026 }, { timestamp_func: { year: { _eq: 2026 } } }],
    [
      'two functions',
      { 'year(timestamp)': 2026, 'month(timestamp)': { _in: '1,2' } },
      { timestamp_func: { year: { _eq: 2026 }, month: { _in: ['1', '2'] } } },
    ],
    [
      'a function of a related field',
      { recipient: { 'year(last_access)': { _gt: 2000 } } },
      { recipient: { last_access_func: { year: { _gt: 2000 } } } },
    ],
    ['several operators', { id: { _gt: 1, _lt: 5 } }, { id: { _gt: 1, _lt: 5 } }],
    [
      'logic below a field',
      { id: { _or: [{ _eq: 1 }, { _eq: 2 }] } },
      { _or: [{ id: { _eq: 1 } }, { id: { _eq: 2 } }] },
    ],
    [
      'logic below a relation',
      { recipient: { _or: [{ email: 'x' }, { _null: true }] } },
      { _or: [{ recipient: { email: { _eq: 'x' } } }, { recipient: { id: { _null: true } } }] },
    ],
    [
      'logic below a function',
      { 'year(timestamp)': { _or: [{ _eq: 1 }, { _eq: 2 }] } },
      { _or: [{ timestamp_func: { year: { _eq: 1 } } }, { timestamp_func: { year: { _eq: 2 } } }] },
    ],
    [
      'two conditions on the same operator',
      { id: { _eq: null, _null: false } },
      { _and: [{ id: { _null: true } }, { id: { _null: false } }] },
    ],
    ['logic given as an object', { _and: { 0: { id: 1 } } }, { _and: [{ id: { _eq: 1 } }] }],
    ['an empty filter', {}, undefined],
    ['empty logic', { _and: [], _or: [] }, undefined],
    ['an _or with a part that always holds', { _or: [{}, { id: 1 }] }, undefined],
    ['an _and with a part that always holds', { _and: [{}, { id: 1 }] }, { _and: [{ id: { _eq: 1 } }] }],
  ])('a filter accepts %s', (_what, given, expected) => {
    expect(filter(given)).toEqual(expected);
  });

  it('a filter accepts a boolean as text', () => {
    expect(toGraphQLFilter({ email_notifications: 'true' }, users.filter)).toEqual({
      email_notifications: { _eq: true },
    });
  });

  it.each<[string, unknown]>([
    ['a text', 'x'],
    ['a list', [{ id: 1 }]],
    ['an unknown operator', { subject: { _nope: 1 } }],
    ['an operator of another type', { subject: { _lt: 'a' } }],
    ['an operator on a relation', { recipient: { _contains: 'x', _some: {} } }],
    ['an operator for lists of related rows', { recipient: { _some: { email: 'x' } } }],
    ['an empty text', { subject: { _eq: '' } }],
    ['an empty list', { id: { _in: [] } }],
    ['an empty list of text', { id: { _in: '' } }],
    ['a list for one value', { subject: { _eq: ['a'] } }],
    ['an object for a value', { subject: { _eq: { a: 1 } } }],
    ['null where it cannot be compared', { id: { _lt: null } }],
    ['a flag that is neither true nor false', { item: { _null: 'maybe' } }],
    ['logic that is not a list', { _or: { id: 1 } }],
    ['a function that does not exist', { 'century(timestamp)': 1 }],
    ['a function of an unsuitable field', { 'year(subject)': 1 }],
    ['the prototype', JSON.parse('{"__proto__":{"_eq":1}}')],
    ['a NUL', { subject: { _eq: 'a\0' } }],
    ['an unpaired surrogate', { subject: { _in: ['\ud800'] } }],
    ['5,000 nested groups', JSON.parse(`${'{"_and":['.repeat(5000)}{}${']}'.repeat(5000)}`)],
    ['5,000 nested groups below a field', JSON.parse(`{"id":${'{"_and":['.repeat(5000)}1${']}'.repeat(5000)}}`)],
  ])('a filter refuses %s', (_what, given) => {
    expect(faultOf(() => filter(given))).toMatchObject({ code: 'INVALID_QUERY' });
  });

  it('the error of a filter value names the operator and the field', () => {
    expect(faultOf(() => filter({ recipient: { email: { _in: [] } } }))).toMatchObject({
      extensions: { reason: expect.stringMatching(/"_in".*"email"/) },
    });
  });

  it.each<[string, unknown]>([
    ['an unknown field', { nope: 1 }],
    ['an unknown related field', { recipient: { nope: 1 } }],
    ['a field that only GraphQL has', { timestamp_func: { year: 1 } }],
    ['a function of an unknown field', { 'year(nope)': 1 }],
    ['a property of every object', { constructor: 1 }],
  ])('a filter on %s is forbidden', (_what, given) => {
    expect(faultOf(() => filter(given))).toMatchObject({ code: 'FORBIDDEN' });
  });
});
