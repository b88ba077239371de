import { describe, expect, it } from '@jest/globals';
import { inboxOf, isAfter } from '../../packages/client/src/cursors.ts';
import { encodeCursor } from '../../src/live/feed/cursor.ts';

const inbox = { database: '01a212e3-41f2-7584-914c-8951cf5bb756', recipient: '925635e3-a159-4177-a105-42f9814b8c8b' };
const others = [
  { ...inbox, recipient: '925635e3-a159-4177-a105-42f9814b8c8c' },
  { ...inbox, database: '01a212e3-41f2-7584-914c-8951cf5bb757' },
];
const at = (version: number, of = inbox) => encodeCursor({ ...of, version });

describe('cursors of the service, compared by the client', () => {
  it.each([
    [9, 10],
    [1, 2],
    [0, Number.MAX_SAFE_INTEGER],
  ])('%d is before %d', (earlier, later) => {
    expect(isAfter(at(later), at(earlier))).toBe(true);
    expect(isAfter(at(earlier), at(later))).toBe(false);
    expect(isAfter(at(later), at(later))).toBe(false);
  });

  it('belong to the same inbox at every position', () => {
    expect(inboxOf(at(1))).toBe(inboxOf(at(2_000_000)));
  });

  it.each(others)('of another recipient or store are neither before nor after', (other) => {
    expect(inboxOf(at(1, other))).not.toBe(inboxOf(at(1)));
    expect(isAfter(at(2, other), at(1))).toBe(false);
    expect(isAfter(at(2), at(1, other))).toBe(false);
  });
});
