import { describe, expect, it } from '@jest/globals';
import { dayHeading, dayKey, daysBetween, fullTime, relativeTime, shortTime } from '../../packages/inbox/src/times.ts';

/** A Wednesday, in the time zone of the process. */
const now = new Date(2026, 2, 18, 15, 30);
const at = (day: number, hour = 12, minute = 0, month = 2, year = 2026) => new Date(year, month, day, hour, minute);

describe('the time of a row', () => {
  it.each([
    [at(18, 15, 30), 'now'],
    [new Date(now.getTime() - 59_000), 'now'],
    [at(18, 15, 29), '1m ago'],
    [at(18, 14, 31), '59m ago'],
    [at(18, 12, 30), '3h ago'],
    [at(18, 0, 10), '15h ago'],
    [at(17, 23, 0), 'yesterday'],
    [at(16, 12), '2 days ago'],
    [at(11, 12), 'Mar 11'],
    [at(1, 12, 0, 10, 2025), 'Nov 1, 2025'],
    [at(18, 15, 45), 'in 15m'],
    [at(19, 9), 'tomorrow'],
  ])('%s is written %s', (date, text) => {
    expect(relativeTime(date, now, 'en')).toBe(text);
  });

  it('is written in the language of the reader', () => {
    expect(relativeTime(at(17, 10), now, 'de')).toBe('gestern');
    expect(relativeTime(at(17, 10), now, 'fr')).toBe('hier');
    expect(relativeTime(at(17, 10), now, 'zh')).toBe('昨天');
    expect(relativeTime(at(17, 10), now, 'ar')).toBe('أمس');
  });

  it('has its whole date for those who want it', () => {
    expect(fullTime(at(17, 9, 5), 'en-GB')).toMatch(/^Tuesday,? 17 March 2026.* 09:05$/);
  });
});

describe('a day', () => {
  it.each([
    [at(18, 0, 1), 'Today'],
    [at(17, 23, 59), 'Yesterday'],
    [at(15), 'Sunday'],
    [at(12), 'Thursday'],
    [at(11), 'March 11'],
    [at(11, 12, 0, 2, 2025), 'March 11, 2025'],
    [at(19), 'Tomorrow'],
  ])('%s has the heading %s', (date, heading) => {
    expect(dayHeading(date, now, 'en')).toBe(heading);
  });

  it('has a heading that begins with a capital letter where the language has them', () => {
    expect(dayHeading(at(17), now, 'de')).toBe('Gestern');
    expect(dayHeading(at(15), now, 'es')).toBe('Domingo');
    expect(dayHeading(at(17), now, 'ar')).toBe('أمس');
  });

  it('is the calendar day, also where a day has 23 or 25 hours', () => {
    expect(daysBetween(at(28, 23, 59), at(29, 0, 1))).toBe(1);
    expect(daysBetween(at(29, 0, 1), at(29, 23, 59))).toBe(0);
    expect(daysBetween(at(30, 1), at(28, 23))).toBe(-2);
    expect([dayKey(at(1, 0, 0, 0)), dayKey(at(31, 23, 59, 11))]).toEqual(['2026-01-01', '2026-12-31']);
  });
});

describe('the time at which a snoozed notification returns', () => {
  it.each([
    [at(18, 18), '6:00 PM'],
    [at(19, 9), 'Thu 9:00 AM'],
    [at(1, 9, 0, 3), 'Apr 1, 9:00 AM'],
  ])('%s is written %s', (date, text) => {
    expect(shortTime(date, now, 'en').replaceAll('\u202f', ' ')).toBe(text);
  });
});
