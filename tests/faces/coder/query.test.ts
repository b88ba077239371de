import { describe, expect, it } from '@jest/globals';
import { CoderError } from '../../../src/faces/coder/errors.ts';
import { coderQuery, text, uuid, uuidList } from '../../../src/faces/coder/query.ts';
import { readUuid } from '../../../src/faces/coder/uuid.ts';

const one = '0193e5a0-0000-7000-8000-00000000000a';
const two = '0193e5a0-0000-7000-8000-00000000000b';
const read = coderQuery({ targets: uuidList(), starting_before: uuid(), read_status: text('all') });
const parse = (given: string) => read(new URLSearchParams(given));
const nothing = { targets: null, starting_before: null, read_status: 'all' };

/** The validations that a query string fails with, by field. */
function faultsOf(given: string): unknown {
  try {
    parse(given);
  } catch (error) {
    if (error instanceof CoderError && error.status === 400 && typeof error.body === 'object') {
      expect(error.body.message).toBe('Query parameters have invalid values.');
      return (error.body.validations ?? []).map(({ field, detail }) => [field, detail]);
    }
    throw error;
  }
  throw new Error('It did not fail.');
}

describe('uuids', () => {
  it.each([
    ['canonical', one],
    ['in upper case', one.toUpperCase()],
    ['after a urn prefix', `urn:uuid:${one}`],
    ['after a urn prefix in upper case', `URN:UUID:${one}`],
    ['in braces', `{${one}}`],
    ['between any two characters, which are ignored', `(${one}]`],
    ['as digits only', one.replaceAll('-', '')],
  ])('a UUID %s is read', (_how, given) => {
    expect(readUuid(given)).toEqual({ uuid: one });
  });

  it.each([
    ['', 'invalid UUID length: 0'],
    ['xxx-xxx-xxx', 'invalid UUID length: 11'],
    [one.slice(1), 'invalid UUID length: 35'],
    [`${one} `, 'invalid UUID length: 37'],
    ['ü', 'invalid UUID length: 2'],
    [one.replace('a', 'g'), 'invalid UUID format'],
    [one.replace('-', '0'), 'invalid UUID format'],
    [`urn:guid:${one}`, 'invalid urn prefix: "urn:guid:"'],
    [`${one.replaceAll('-', '').slice(1)}\n`, 'invalid UUID format'],
  ])('%j is refused as a UUID', (given, fault) => {
    expect(readUuid(given)).toEqual({ fault });
  });
});

describe('query parameters', () => {
  it.each([
    ['no parameters', '', nothing],
    ['empty values', 'targets=&starting_before=&read_status=', nothing],
    ['a list with commas, repeats and blanks', `targets=${one},+${two}&targets=+${one}`, { targets: [one, two, one] }],
    ['other notations of a UUID', `targets=urn:uuid:${one}`, { targets: [one] }],
    ['one uuid', `starting_before=${two}`, { starting_before: two }],
    ['a text, which is not checked here', 'read_status=NEVER', { read_status: 'NEVER' }],
    ['an empty first value as the default', 'read_status=&read_status=read', {}],
  ])('query parameters are read from %s', (_what, given, expected) => {
    expect(parse(given)).toEqual({ ...nothing, ...expected });
  });

  it.each([
    [
      'malformed elements of a list',
      `targets=abc,${one},,x`,
      [
        [
          'targets',
          'Query param "targets" has invalid values: invalid UUID length: 3\ninvalid UUID length: 0\ninvalid UUID length: 1',
        ],
      ],
    ],
    [
      'a malformed UUID',
      'starting_before=x',
      [['starting_before', 'Query param "starting_before" must be a valid uuid']],
    ],
    [
      'a single value given twice',
      'read_status=all&read_status=all',
      [
        [
          'read_status',
          'Query param "read_status" provided more than once, found 2 times. Only provide 1 instance of this query param.',
        ],
      ],
    ],
    ['an unknown key, once', 'limit=1&limit=2', [['limit', '"limit" is not a valid query param']]],
    ['a property name of every object', '__proto__=1', [['__proto__', '"__proto__" is not a valid query param']]],
    ['a token', 'access_token=x', [['access_token', '"access_token" is not a valid query param']]],
  ])('query parameters are refused for %s', (_what, given, faults) => {
    expect(faultsOf(given)).toEqual(faults);
  });

  it('every fault of the query parameters is reported', () => {
    expect(faultsOf('targets=x&starting_before=y&nope=1')).toEqual([
      ['targets', expect.any(String)],
      ['starting_before', expect.any(String)],
      ['nope', expect.any(String)],
    ]);
  });
});
