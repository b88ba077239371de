import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createWakeUpTimers } from '../../src/dispatch/wake-up-timers.ts';

describe('createWakeUpTimers', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 0 }));
  afterEach(() => void jest.useRealTimers());

  it('calls happen when they are due, and those due at about the same time are merged', () => {
    const calls: number[] = [];
    const wakeUps = createWakeUpTimers(() => calls.push(performance.now()));
    const start = performance.now();
    for (const ms of [10_000, 10_010, 10_020, 60_000]) wakeUps.schedule(ms);

    jest.advanceTimersByTime(70_000);

    const afterMs = calls.map((at) => at - start);
    expect(afterMs).toHaveLength(2);
    expect(afterMs[0]).toBeGreaterThanOrEqual(10_020);
    expect(afterMs[0]).toBeLessThan(10_000 * (1 + 1 / 32));
    expect(afterMs[1]).toBeGreaterThanOrEqual(60_000);
  });

  it('a hundred thousand calls need few timers', () => {
    const wakeUps = createWakeUpTimers(() => undefined);

    for (let retry = 0; retry < 100_000; retry++) wakeUps.schedule(30_000 + 5.4 * retry);

    expect(jest.getTimerCount()).toBeLessThan(500);
    wakeUps.stop();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('no call happens after stop', () => {
    const call = jest.fn();
    const wakeUps = createWakeUpTimers(call);
    wakeUps.schedule(100);

    wakeUps.stop();
    jest.advanceTimersByTime(1000);

    expect(call).not.toHaveBeenCalled();
  });
});
