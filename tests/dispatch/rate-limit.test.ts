import { describe, expect, it } from '@jest/globals';
import { createRateLimit, type RateLimit } from '../../src/dispatch/rate-limit.ts';

/** A receiver that accepts `rate` messages per second, with bursts of up to `burst`. */
function aBucket(rate: number, burst: number) {
  let tokens = burst;
  let last = 0;
  return (now: number) => {
    tokens = Math.min(burst, tokens + ((now - last) * rate) / 1000);
    last = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

interface Run {
  readonly seconds: number;
  readonly refused: number;
  readonly pauses: number;
}

/** Simulates sending on a fake clock, one node for each limit; responses take no time. */
function send(count: number, accepts: (now: number) => boolean, limits: readonly RateLimit[]): Run {
  let now = 0;
  let left = count;
  let refused = 0;
  let pauses = 0;
  for (const limit of limits) limit.refuse(now, 1000, now);
  while (left > 0) {
    now += Math.min(...limits.map((limit) => limit.waitMs(now)));
    for (const limit of limits.filter((one) => one.waitMs(now) === 0)) {
      limit.take(now);
      if (accepts(now)) {
        limit.accept();
        left -= 1;
      } else {
        refused += 1;
        if (limit.refuse(now, 1000, now)) pauses += 1;
      }
    }
  }
  return { seconds: now / 1000, refused, pauses };
}

/** A seeded random number generator. */
function aRandom(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('createRateLimit', () => {
  it.each([
    { rate: 5, burst: 2, count: 300, measured: 10 },
    { rate: 50, burst: 20, count: 2000, measured: 100 },
    { rate: 500, burst: 200, count: 20_000, measured: 1000 },
  ])('at least four fifths of a limit of $rate per second are used', ({ rate, burst, count, measured }) => {
    const run = send(count, aBucket(rate, burst), [createRateLimit(measured, aRandom(1))]);

    expect(count / run.seconds).toBeGreaterThan(0.8 * rate);
    expect(run.refused).toBe(run.pauses);
    expect(run.pauses).toBeLessThan(15);
  });

  it('two nodes share the limit of a receiver', () => {
    const limits = [1, 2].map((seed) => createRateLimit(50, aRandom(seed)));

    const run = send(2000, aBucket(50, 20), limits);

    expect(2000 / run.seconds).toBeGreaterThan(0.8 * 50);
  });

  it('the rate adapts to a receiver that allows no burst', () => {
    const run = send(2000, aBucket(50, 1), [createRateLimit(2, aRandom(1))]);

    expect(2000 / run.seconds).toBeGreaterThan(0.6 * 50);
  });

  it('a pause lasts as long as requested plus a random part, and sending resumes at half the rate', () => {
    const limit = createRateLimit(100, () => 1);

    const isNew = limit.refuse(0, 4000, 0);

    expect(isNew).toBe(true);
    expect(limit.resumesAt).toBe(5000);
    expect([limit.waitMs(0), limit.waitMs(5000)]).toEqual([5000, 0]);
    expect(limit.rate).toBe(50);
  });

  it('refusals of messages sent before a pause belong to that pause', () => {
    const limit = createRateLimit(100, () => 0);
    limit.refuse(10, 1000, 0);

    const isNew = limit.refuse(20, 2000, 5);

    expect(isNew).toBe(false);
    expect(limit.resumesAt).toBe(2020);
    expect(limit.rate).toBe(50);
  });

  it('a pause lasts at most one day', () => {
    const limit = createRateLimit(100, () => 0);

    limit.refuse(0, Number.POSITIVE_INFINITY, 0);

    expect(limit.resumesAt).toBe(24 * 60 * 60 * 1000);
  });

  it('pauses double for a receiver that gives no time and accepts nothing', () => {
    const limit = createRateLimit(1, () => 0);
    const pauses: number[] = [];
    for (let now = 0, pause = 0; pause < 9; pause++, now = limit.resumesAt) {
      limit.refuse(now, pause % 2 === 0 ? undefined : 0, now);
      pauses.push(limit.resumesAt - now);
    }

    limit.accept();
    const before = limit.resumesAt;
    limit.refuse(before, undefined, before);

    expect(pauses.map((ms) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(limit.resumesAt - before).toBe(1000);
  });

  it('a receiver that is down gets one message after each pause, and its previous rate soon after it recovers', () => {
    const limit = createRateLimit(100, () => 0);
    const returnsAt = 60_000;

    const run = send(500, (now) => now >= returnsAt, [limit]);

    expect(run.refused).toBeLessThanOrEqual(60);
    expect(run.seconds).toBeLessThan(returnsAt / 1000 + 12);
  });
});
