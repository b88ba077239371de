import { describe, expect, it } from '@jest/globals';
import { createPace } from '../../src/dispatch/pace.ts';
import { judge, longestRetryMs, retryDelay } from '../../src/dispatch/retry.ts';

const rules = { maxAttempts: 5, retryIntervalMs: 300_000 };

describe('judge', () => {
  it('doubles the wait with each attempt, as the middle of what chance may make of it', () => {
    const waits = [1, 2, 3, 4].map((attempt) => retryDelay(attempt, 300_000, 0.5));

    expect(waits).toEqual([300_000, 600_000, 1_200_000, 2_400_000]);
    expect(retryDelay(1000, 300_000, 1)).toBe(longestRetryMs);
  });

  it('spreads what failed together over nearly twice that wait', () => {
    const [least, most] = [0, 1].map((random) => Math.round(retryDelay(1, 300_000, random)));

    expect([least, most]).toEqual([30_000, 570_000]);
  });

  it('waits as long as it is asked to and a random part more, if that is longer, but not for ever', () => {
    const wait = (afterMs: number) => judge({ kind: 'retry', reason: 'x', afterMs }, 1, rules, 0.5);

    expect(wait(1)).toMatchObject({ status: 'temporary_failure', retryMs: 300_000 });
    expect(wait(400_000)).toMatchObject({ retryMs: 500_000 });
    expect(wait(Number.POSITIVE_INFINITY)).toMatchObject({ retryMs: longestRetryMs });
  });

  it('counts no attempt for what was not tried, and puts it back soon', () => {
    const verdict = judge({ kind: 'untried', reason: 'x' }, 5, rules, 0.5);

    expect(verdict).toEqual({ status: 'pending', reason: 'x', retryMs: 750 });
  });

  it('gives up with the reason of the last attempt', () => {
    expect(judge({ kind: 'retry', reason: 'x' }, 5, rules, 0)).toEqual({ status: 'permanent_failure', reason: 'x' });
    expect(judge({ kind: 'fail', reason: 'y' }, 1, rules, 0)).toEqual({ status: 'permanent_failure', reason: 'y' });
    expect(judge({ kind: 'sent' }, 9, rules, 0)).toEqual({ status: 'sent' });
  });
});

describe('createPace', () => {
  it('expects what the last whole window had, and nothing after a standstill', () => {
    let now = 0;
    const pace = createPace(100, () => now);
    for (let event = 0; event < 3; event++) pace.count();

    now = 120;
    const afterWindow = pace.expected();
    now = 500;
    const afterStandstill = pace.expected();

    expect([afterWindow, afterStandstill]).toEqual([3, 0]);
  });

  it('goes by what has happened so far at first, and after a standstill', () => {
    let now = 0;
    const pace = createPace(100, () => now);
    for (let event = 0; event < 3; event++) pace.count();

    const tooSoonToTell = pace.expected();
    now = 20;
    const inTheFirstWindow = pace.expected();
    now = 500;
    pace.count();
    now = 550;
    const afterStandstill = pace.expected();

    expect([tooSoonToTell, inTheFirstWindow, afterStandstill]).toEqual([3, 15, 2]);
  });
});
