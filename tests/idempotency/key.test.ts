import { describe, expect, it } from '@jest/globals';
import { keyOf } from '../../src/idempotency/parse-key.ts';

const uuid = '8e03978e-40d5-43dd-bc93-6894a57f9324';

describe('the idempotency key of a request', () => {
  it.each([
    ['a string of structured fields', `"${uuid}"`, uuid],
    ['the bare text', uuid, uuid],
    ['escaped characters', String.raw`"a \"b\" \\c"`, String.raw`a "b" \c`],
    ['spaces around it', `  "${uuid}"  `, uuid],
    ['parameters, which are ignored', `"${uuid}";v=1`, uuid],
    ['255 characters', 'k'.repeat(255), 'k'.repeat(255)],
    ['punctuation in the bare text', 'order:42/line_7+x=1.2~!@#$%^&*()|<>?', 'order:42/line_7+x=1.2~!@#$%^&*()|<>?'],
  ])('the header may hold %s', (_what, header, key) => {
    expect(keyOf({ header })).toBe(key);
  });

  it.each([
    ['nothing', ''],
    ['an empty string', '""'],
    ['256 characters', 'k'.repeat(256)],
    ['an open quote', '"abc'],
    ['a quote inside', 'a"b'],
    ['two keys', '"a", "b"'],
    ['two bare keys', 'a, b'],
    ['a space in the bare text', 'a b'],
    ['other escapes', String.raw`"a\n"`],
    ['characters outside ASCII', 'ä'],
    ['control characters', '"a\tb"'],
  ])('a header with %s is refused, and the error names it', (_what, header) => {
    expect(() => keyOf({ header })).toThrow('"Idempotency-Key" must be');
  });

  it.each([[''], ['ä'], [42], [['a']], ['k'.repeat(256)]])('the extension %j is refused by name', (extension) => {
    expect(() => keyOf({ extension })).toThrow('"extensions.idempotencyKey" must be');
  });

  it('the extension may hold any printable ASCII text', () => {
    expect(keyOf({ extension: 'order 42, "line 7"' })).toBe('order 42, "line 7"');
  });

  it('a request without header and extension has no key', () => {
    expect(keyOf({})).toBeUndefined();
    expect(keyOf({ extension: null })).toBeUndefined();
  });

  it('header and extension may be given together if they are equal', () => {
    expect(keyOf({ header: `"${uuid}"`, extension: uuid })).toBe(uuid);
    expect(() => keyOf({ header: 'a', extension: 'b' })).toThrow('must not differ');
  });
});
