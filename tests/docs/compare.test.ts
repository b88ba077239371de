import { describe, expect, it } from '@jest/globals';
import { isSame } from './compare.ts';

describe('what a block prints', () => {
  it.each([
    ['JSON laid out in another way', '{ "id": 1,\n  "unread": [] }', '{"unread":[],"id":1}'],
    ['another UUID', 'id 01a22be4-2c45-7e96-b721-17a5ccdc1ada', 'id 01a205ed-7d76-76b4-9d29-2877aaf04c9a'],
    ['another time', '{"at":"2026-11-23T01:03:00.748Z"}', '{"at":"2027-01-01T00:00:00.000Z"}'],
    ['another date', 'until 2026-11-23', 'until 2027-01-01'],
    [
      'another token',
      'token ZHeCLUXND7RshvDAH1lzZ3WHJljZI-UNEJmHGQlREwk',
      'token S9SWt4tgl6WovXH7hJVymX11hCqetCPhERCs5TlvRV0',
    ],
    [
      'another signature',
      'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
      'v1,4+/abc5zN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/HHI=',
    ],
    [
      'any token in an address',
      'http://localhost:8055/unsubscribe/…>',
      'http://localhost:8055/unsubscribe/oRzgAAAAQACAAAAAAAAAATmx4YnIV0sMh3p>',
    ],
    ['another version', 'Tidings 0.1.0', 'Tidings 12.0.3-beta.1'],
    ['another duration', 'answers in 1.1 ms', 'answers in 20 ms'],
    ['other spaces between columns', 'ID    NAME\n1     ci', 'ID  NAME\n1   ci\n'],
    ['any text for …', '{"cursor":"…"}', '{"cursor":"anything"}'],
    ['any lines for …', 'first\n…\nlast', 'first\nsecond\nthird\nlast'],
  ])('may be %s', (_, expected, actual) => {
    expect(isSame(expected, actual)).toBe(true);
  });

  it.each([
    ['another value', '{"unread":1}', '{"unread":2}'],
    ['another type', '{"id":1}', '{"id":"1"}'],
    ['one key more', '{"id":1}', '{"id":1,"more":null}'],
    ['one element less', '[1,2]', '[1]'],
    ['another order', '[1,2]', '[2,1]'],
    ['another text', 'The notifier is paused.', 'The notifier is running.'],
    ['another name', '{"data":{"create_notifications_item":1}}', '{"data":{"update_notifications_item":1}}'],
    ['no time', '{"at":"2026-11-23T01:03:00.748Z"}', '{"at":null}'],
    ['another number', '2 users', '3 users'],
    ['nothing', 'something', ''],
    ['more text', 'ready', 'ready or not'],
  ])('may not be %s', (_, expected, actual) => {
    expect(isSame(expected, actual)).toBe(false);
  });
});
