import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createRounds } from '../../../src/faces/shared/rounds.ts';

const periodMs = 1_600;
const partMs = periodMs / 100;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Rounds that record their visits, and remove the items in `leaving`. */
function aRound() {
  const visits: string[] = [];
  const leaving = new Set<string>();
  const rounds = createRounds<string>((item) => {
    visits.push(item);
    return !leaving.has(item);
  });
  return { visits, leaving, join: (item: string, ms = periodMs) => rounds.add(ms, item) };
}

describe('a round', () => {
  it('a round visits an item once per period, starting after one period', () => {
    const { visits, join } = aRound();
    join('a');

    jest.advanceTimersByTime(periodMs - 1);
    expect(visits).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(visits).toEqual(['a']);
    jest.advanceTimersByTime(3 * periodMs);
    expect(visits).toEqual(['a', 'a', 'a', 'a']);
  });

  it('a round spreads visits over the period, at most one slot early', () => {
    const { visits, join } = aRound();
    join('a');
    jest.advanceTimersByTime(4.5 * partMs);
    join('b');

    jest.advanceTimersByTime(periodMs - 4.5 * partMs);
    expect(visits).toEqual(['a']);
    jest.advanceTimersByTime(3 * partMs);
    expect(visits).toEqual(['a']);
    jest.advanceTimersByTime(partMs);
    expect(visits).toEqual(['a', 'b']);
    jest.advanceTimersByTime(periodMs);
    expect(visits).toEqual(['a', 'b', 'a', 'b']);
  });

  it('a round has one timer per period, and none without items', () => {
    const { join } = aRound();
    const leave = Array.from({ length: 100 }, (_, index) => join(`${index}`));
    join('other', 2 * periodMs)();

    expect(jest.getTimerCount()).toBe(1);
    for (const one of leave) one();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('a round does not visit removed items; removing is idempotent', () => {
    const { visits, join } = aRound();
    const leave = join('a');
    join('b');

    leave();
    leave();
    jest.advanceTimersByTime(periodMs);

    expect(visits).toEqual(['b']);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('a round removes an item when its visit returns false', () => {
    const { visits, leaving, join } = aRound();
    const leave = join('a');
    join('b');
    leaving.add('a');

    jest.advanceTimersByTime(2 * periodMs);
    expect(visits).toEqual(['a', 'b', 'b']);
    leaving.add('b');
    jest.advanceTimersByTime(2 * periodMs);
    leave();

    expect(visits).toEqual(['a', 'b', 'b', 'b']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('a round first visits an item added during a visit one period later, and restarts after the last item was removed', () => {
    const visits: string[] = [];
    const rounds = createRounds<string>((item) => {
      visits.push(item);
      if (item === 'a') rounds.add(periodMs, 'b');
      return false;
    });
    rounds.add(periodMs, 'a');

    jest.advanceTimersByTime(periodMs);
    expect(visits).toEqual(['a']);
    jest.advanceTimersByTime(periodMs);
    expect(visits).toEqual(['a', 'b']);
    rounds.add(periodMs, 'c');
    jest.advanceTimersByTime(periodMs);
    expect(visits).toEqual(['a', 'b', 'c']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('a round with several periods visits each item at the pace of its own period', () => {
    const { visits, join } = aRound();
    join('slow', 3 * periodMs);
    join('quick');

    jest.advanceTimersByTime(3 * periodMs);

    expect(visits.toSorted()).toEqual(['quick', 'quick', 'quick', 'slow']);
  });
});
