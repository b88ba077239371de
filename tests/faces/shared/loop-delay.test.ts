import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { measureLoopDelay } from '../../../src/faces/shared/loop-delay.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A measurement with a bound of 1,000 ms. `check` passes the time between two checks. */
function stage() {
  let time = 0;
  const delay = measureLoopDelay(1000, () => time);
  return {
    delay,
    check(elapsedMs: number): boolean {
      time += elapsedMs;
      jest.advanceTimersByTime(250);
      return delay.isDelayed();
    },
  };
}

describe('the delay of the event loop', () => {
  it('the event loop is delayed once two checks in a row were late', () => {
    const { check } = stage();

    expect([250, 1300, 1300, 1300].map(check)).toEqual([false, false, true, true]);
  });

  it('the event loop is no longer delayed once a check was in time', () => {
    const { check } = stage();

    expect([1300, 1300, 1250].map(check)).toEqual([false, true, false]);
  });

  it('a single long turn is no delay', () => {
    const { check } = stage();

    expect([250, 30_000, 250, 30_000].map(check)).toEqual([false, false, false, false]);
  });
});
