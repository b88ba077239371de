import { describe, expect, it } from '@jest/globals';
import { stopTimes } from '../src/stop-times.ts';

describe('the times of a stop', () => {
  it.each([1, 5, 1_001, 6_667, 10_000, 2 ** 31 - 1])(
    'the times of a stop are integers within the range of timers: %i',
    (timeoutMs) => {
      const times = stopTimes({ timeoutMs, drainMs: 0 });

      for (const ms of Object.values(times)) expect(Number.isInteger(ms) && ms >= 0).toBe(true);
      expect(times.graceMs + times.flushMs).toBeLessThanOrEqual(timeoutMs);
    },
  );
});
