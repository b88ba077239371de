import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type QuietWindow, quietUntil, weekdays } from '../../src/preferences/quiet-hours.ts';

const nightly: QuietWindow = { days: weekdays, from: '22:00', until: '07:00' };
const until = (at: string, zone: string | null, ...windows: readonly QuietWindow[]) =>
  quietUntil(new Date(at), zone, windows)?.toISOString() ?? null;

describe('quietUntil', () => {
  it('a window begins with its first minute and ends before its last', () => {
    const lunch: QuietWindow = { days: ['wednesday'], from: '12:00', until: '13:00' };

    expect(until('2026-06-10T11:59:59.999Z', null, lunch)).toBeNull();
    expect(until('2026-06-10T12:00:00.000Z', null, lunch)).toBe('2026-06-10T13:00:00.000Z');
    expect(until('2026-06-10T12:59:59.999Z', null, lunch)).toBe('2026-06-10T13:00:00.000Z');
    expect(until('2026-06-10T13:00:00.000Z', null, lunch)).toBeNull();
    expect(until('2026-06-11T12:30:00.000Z', null, lunch)).toBeNull();
  });

  it('a window over midnight belongs to the day on which it begins', () => {
    const friday: QuietWindow = { days: ['friday'], from: '22:00', until: '07:00' };

    expect(until('2026-06-12T22:00:00Z', null, friday)).toBe('2026-06-13T07:00:00.000Z');
    expect(until('2026-06-13T06:59:00Z', null, friday)).toBe('2026-06-13T07:00:00.000Z');
    expect(until('2026-06-13T22:00:00Z', null, friday)).toBeNull();
    expect(until('2026-06-12T06:00:00Z', null, friday)).toBeNull();
  });

  it('a window whose times are equal lasts a day, and windows that meet are one', () => {
    const saturday: QuietWindow = { days: ['saturday'], from: '00:00', until: '00:00' };

    expect(until('2026-06-13T10:00:00Z', null, saturday)).toBe('2026-06-14T00:00:00.000Z');
    expect(until('2026-06-12T23:00:00Z', null, nightly, saturday)).toBe('2026-06-14T07:00:00.000Z');
  });

  it('an unknown zone is UTC, and no wait is longer than seven days', () => {
    const always: QuietWindow = { days: weekdays, from: '00:00', until: '00:00' };

    expect(until('2026-06-10T23:00:00Z', 'Atlantis/Capital', nightly)).toBe('2026-06-11T07:00:00.000Z');
    expect(until('2026-06-10T12:00:00Z', null, always)).toBe('2026-06-17T12:00:00.000Z');
  });

  // Each zone on the night before its clocks go forward, and on the night before they go back.
  it.each([
    ['Europe/Berlin', '2026-03-28T22:00:00Z', '2026-03-29T05:00:00.000Z'],
    ['Europe/Berlin', '2026-10-24T21:00:00Z', '2026-10-25T06:00:00.000Z'],
    ['America/New_York', '2026-03-08T03:00:00Z', '2026-03-08T11:00:00.000Z'],
    ['America/New_York', '2026-11-01T02:00:00Z', '2026-11-01T12:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-03T12:00:00Z', '2026-10-03T20:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-04T12:00:00Z', '2026-04-04T20:30:00.000Z'],
    ['America/Santiago', '2026-09-06T02:00:00Z', '2026-09-06T10:00:00.000Z'],
    ['America/Santiago', '2026-04-05T01:00:00Z', '2026-04-05T11:00:00.000Z'],
    ['Asia/Kolkata', '2026-03-28T17:00:00Z', '2026-03-29T01:30:00.000Z'],
    ['Asia/Kolkata', '2026-10-24T17:00:00Z', '2026-10-25T01:30:00.000Z'],
  ])('in %s a night that begins before %s ends at %s', (zone, at, end) => {
    expect(until(at, zone, nightly)).toBe(end);
  });

  it.each([
    // 02:30 does not exist on these days: the window begins or ends when the clocks have gone forward.
    ['Europe/Berlin', '2026-03-29', '2026-03-29T01:00:00.000Z'],
    ['America/New_York', '2026-03-08', '2026-03-08T07:00:00.000Z'],
  ])('in %s a time that is skipped on %s is the first moment after the gap', (zone, day, afterGap) => {
    const before = new Date(Date.parse(afterGap) - 1).toISOString();
    const startsInGap: QuietWindow = { days: weekdays, from: '02:30', until: '06:00' };
    const endsInGap: QuietWindow = { days: weekdays, from: '01:00', until: '02:30' };

    expect(until(before, zone, startsInGap)).toBeNull();
    expect(until(afterGap, zone, startsInGap)).toMatch(day);
    expect(until(before, zone, endsInGap)).toBe(afterGap);
    expect(until(afterGap, zone, endsInGap)).toBeNull();
  });

  it('a time that comes twice is the first', () => {
    const window: QuietWindow = { days: weekdays, from: '01:00', until: '02:30' };

    // 02:30 is at 00:30 and 01:30 UTC.
    expect(until('2026-10-25T00:29:00Z', 'Europe/Berlin', window)).toBe('2026-10-25T00:30:00.000Z');
    expect(until('2026-10-25T01:00:00Z', 'Europe/Berlin', window)).toBeNull();
  });

  it('the end of a wait is later, at most a week away, and not quiet itself unless the wait was cut', () => {
    const time = fc
      .tuple(fc.nat(23), fc.nat(59))
      .map((parts) => parts.map((part) => `${part}`.padStart(2, '0')).join(':'));
    const window = fc.record({ days: fc.subarray([...weekdays], { minLength: 1 }), from: time, until: time });
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Santiago',
      'Asia/Kolkata',
    );
    const at = fc.date({
      min: new Date('2026-01-01T00:00:00Z'),
      max: new Date('2027-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    const week = 7 * 86_400_000;

    fc.assert(
      fc.property(at, zone, fc.array(window, { maxLength: 3 }), (from, name, windows) => {
        const end = quietUntil(from, name, windows);
        if (end === null) return;
        const wait = end.getTime() - from.getTime();
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(week);
        if (wait < week) expect(quietUntil(end, name, windows)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
