import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createSlowRefusals } from '../../src/rate-limits/slow-refusals.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** The refusals of a caller, by whether they are sent immediately. */
function refuse(slowRefusal: ReturnType<typeof createSlowRefusals>, caller: string, times: number) {
  const refusals = Array.from({ length: times }, () => slowRefusal(caller));
  return {
    immediate: refusals.filter((refusal) => refusal === undefined).length,
    delayed: refusals.filter((refusal) => refusal !== undefined),
  };
}

describe('refusals', () => {
  it('a caller gets 60 refusals immediately, and further ones after a second', async () => {
    const { immediate, delayed } = refuse(createSlowRefusals(), 'a', 65);
    let sent = 0;
    for (const refusal of delayed) void refusal?.then(() => (sent += 1));

    expect([immediate, delayed.length]).toEqual([60, 5]);
    await jest.advanceTimersByTimeAsync(999);
    expect(sent).toBe(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(sent).toBe(5);
  });

  it('a caller who ignores refusals does not delay those of others', () => {
    const slowRefusal = createSlowRefusals();
    refuse(slowRefusal, 'a', 100);

    expect(refuse(slowRefusal, 'b', 1)).toMatchObject({ immediate: 1 });
  });

  it('few refusals of one caller, and not many of all callers, wait at the same time', async () => {
    const slowRefusal = createSlowRefusals();
    const counts = Array.from({ length: 12 }, (_, index) => refuse(slowRefusal, `${index}`, 200).delayed.length);

    expect(counts).toEqual([...Array(10).fill(100), 0, 0]);
    await jest.advanceTimersByTimeAsync(1000);
    // One point has been refilled meanwhile.
    expect(refuse(slowRefusal, '11', 2)).toMatchObject({ immediate: 1, delayed: [expect.anything()] });
  });
});
