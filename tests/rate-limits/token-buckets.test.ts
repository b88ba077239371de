import { describe, expect, it } from '@jest/globals';
import { createMemoryBuckets } from '../../src/rate-limits/token-buckets.ts';

/** Buckets and the clock they use. */
function stage(perMinute: number) {
  let time = 1_000_000;
  const buckets = createMemoryBuckets(perMinute, () => time);
  return {
    take: buckets.take,
    pass(ms: number) {
      time += ms;
    },
  };
}

describe('a token bucket', () => {
  it('a bucket holds as many points as a minute refills', () => {
    const { take } = stage(3);

    const taken = [1, 2, 3, 4].map(() => take('a', 1));

    expect(taken.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false]);
    expect(taken.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
  });

  it('a bucket refills all the time, and says how long a refused caller has to wait', () => {
    const { take, pass } = stage(60);
    take('a', 60);

    const refused = take('a', 2);
    pass(1999);
    const early = take('a', 2);
    pass(1);
    const late = take('a', 2);

    expect(refused).toMatchObject({ isAllowed: false, waitMs: 2000 });
    expect(early).toMatchObject({ isAllowed: false, remaining: 1 });
    expect(late).toMatchObject({ isAllowed: true, remaining: 0, waitMs: 60_000 });
  });

  it('a refused request takes nothing', () => {
    const { take, pass } = stage(60);
    take('a', 60);
    for (let index = 0; index < 100; index += 1) take('a', 1);

    pass(1000);

    expect(take('a', 1)).toMatchObject({ isAllowed: true });
  });

  it('what costs more than a bucket holds runs when the bucket is full, as a debt', () => {
    const { take, pass } = stage(60);
    take('a', 1);

    const refused = take('a', 120);
    pass(1000);
    const taken = take('a', 120);
    pass(61_000);

    expect(refused).toMatchObject({ isAllowed: false, waitMs: 1000 });
    expect(taken).toMatchObject({ isAllowed: true, remaining: 0, waitMs: 120_000 });
    expect(take('a', 2)).toMatchObject({ isAllowed: false, waitMs: 1000 });
    expect(take('a', 1)).toMatchObject({ isAllowed: true });
  });

  it('each key has a bucket of its own', () => {
    const { take } = stage(1);
    take('a', 1);

    expect(take('a', 1)).toMatchObject({ isAllowed: false });
    expect(take('b', 1)).toMatchObject({ isAllowed: true });
  });

  it('the least recently used of many buckets are forgotten', () => {
    const { take } = stage(1);
    for (let key = 0; key < 20_000; key += 1) take(String(key), 1);

    expect(take('19999', 1)).toMatchObject({ isAllowed: false });
    expect(take('0', 1)).toMatchObject({ isAllowed: true });
  });
});
