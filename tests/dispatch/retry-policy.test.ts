import { describe, expect, it } from '@jest/globals';
import { createRateMeter } from '../../src/dispatch/rate-meter.ts';
import { maxRetryMs, retryDelay, statusAfter } from '../../src/dispatch/retry-policy.ts';

const rules = { maxAttempts: 5, retryIntervalMs: 300_000 };

describe('statusAfter', () => {
  it('the median wait doubles with each attempt', () => {
    const waits = [1, 2, 3, 4].map((attempt) => retryDelay(attempt, 300_000, 0.5));

    expect(waits).toEqual([300_000, 600_000, 1_200_000, 2_400_000]);
    expect(retryDelay(1000, 300_000, 1)).toBe(maxRetryMs);
  });

  it('random waits spread over nearly twice the median', () => {
    const [least, most] = [0, 1].map((random) => Math.round(retryDelay(1, 300_000, random)));

    expect([least, most]).toEqual([30_000, 570_000]);
  });

  it('a requested wait that is longer than the retry interval is kept and extended by a random part, up to one day', () => {
    const wait = (afterMs: number) => statusAfter({ kind: 'retry', reason: 'x', afterMs }, 1, rules, 0.5);

    expect(wait(1)).toMatchObject({ status: 'temporary_failure', retryMs: 300_000 });
    expect(wait(400_000)).toMatchObject({ retryMs: 500_000 });
    expect(wait(Number.POSITIVE_INFINITY)).toMatchObject({ retryMs: maxRetryMs });
  });

  it('a delivery that was not attempted counts no attempt and is retried soon', () => {
    const newStatus = statusAfter({ kind: 'untried', reason: 'x' }, 5, rules, 0.5);

    expect(newStatus).toEqual({ status: 'pending', reason: 'x', retryMs: 750 });
  });

  it('a delivery fails for good with the reason of its last attempt', () => {
    expect(statusAfter({ kind: 'retry', reason: 'x' }, 5, rules, 0)).toEqual({
      status: 'permanent_failure',
      reason: 'x',
    });
    expect(statusAfter({ kind: 'failed', reason: 'y' }, 1, rules, 0)).toEqual({
      status: 'permanent_failure',
      reason: 'y',
    });
    expect(statusAfter({ kind: 'sent' }, 9, rules, 0)).toEqual({ status: 'sent' });
  });
});

describe('createRateMeter', () => {
  it('the expected count is that of the last full window, and 0 after a window without events', () => {
    let now = 0;
    const meter = createRateMeter(100, () => now);
    for (let event = 0; event < 3; event++) meter.count();

    now = 120;
    const afterWindow = meter.expected();
    now = 500;
    const afterStandstill = meter.expected();

    expect([afterWindow, afterStandstill]).toEqual([3, 0]);
  });

  it('in the first window and after an empty one, the expected count is extrapolated', () => {
    let now = 0;
    const meter = createRateMeter(100, () => now);
    for (let event = 0; event < 3; event++) meter.count();

    const tooSoonToTell = meter.expected();
    now = 20;
    const inTheFirstWindow = meter.expected();
    now = 500;
    meter.count();
    now = 550;
    const afterStandstill = meter.expected();

    expect([tooSoonToTell, inTheFirstWindow, afterStandstill]).toEqual([3, 15, 2]);
  });
});
