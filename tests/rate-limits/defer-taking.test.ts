import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import { type DeferredBuckets, deferTaking } from '../../src/rate-limits/defer-taking.ts';
import { openRedisLimits, type RedisLimits } from '../../src/rate-limits/redis-buckets.ts';
import { anIdentity } from '../support/identity.ts';
import { startTestRedis } from '../support/redis.ts';

const redis = await startTestRedis();
if (redis === null) process.stderr.write('There is no Redis: the tests of deferred points in Redis are skipped.\n');

const opened: DeferredBuckets[] = [];
const connections: RedisLimits[] = [];
afterEach(() => {
  for (const buckets of opened.splice(0)) buckets.close();
  for (const limits of connections.splice(0)) limits.close();
});
afterAll(() => redis?.stop());

/** No timer runs that long in a test. */
const never = 2 ** 31 - 1;

/** Two nodes and a shared bucket of 1000 points that never refills. Each node settles when it is told to. */
function stage({ isAway = false, settleMs = never } = {}) {
  let left = 1000;
  const asked: string[] = [];
  const standing = () => ({ isAllowed: true, remaining: Math.max(left, 0), waitMs: 0 });
  const shared = {
    async take(_key: string, points: number) {
      asked.push(`take ${points}`);
      if (points > left) return { ...standing(), isAllowed: false };
      left -= points;
      return standing();
    },
    async settle(_key: string, points: number) {
      asked.push(`settle ${points}`);
      if (isAway) return undefined;
      left -= points;
      return standing();
    },
  };
  const aNode = () => {
    const buckets = deferTaking(shared, 1000, { now: () => 0, settleMs });
    opened.push(buckets);
    return buckets;
  };
  return { one: aNode(), other: aNode(), asked, left: () => left };
}

async function allowed(buckets: DeferredBuckets, times: number, points = 1): Promise<number> {
  let count = 0;
  for (let time = 0; time < times; time += 1) if ((await buckets.take('a', points)).isAllowed) count += 1;
  return count;
}

describe('points that are taken later', () => {
  it('a caller with most of its points left is asked for once, and the rest is taken together', async () => {
    const { one, asked, left } = stage();

    expect(await allowed(one, 15)).toBe(15);
    await one.settle();

    expect(asked).toEqual(['take 1', 'settle 14']);
    expect(left()).toBe(985);
  });

  it('responses show what is left without the points that are taken later', async () => {
    const { one } = stage();

    const shown = [await one.take('a', 1), await one.take('a', 2), await one.take('a', 3)];

    expect(shown.map(({ remaining }) => remaining)).toEqual([999, 997, 994]);
    expect(shown[2]?.waitMs).toBe(360);
  });

  it('a node gives at most two percent of a bucket without taking it', async () => {
    const { one, asked } = stage();

    await allowed(one, 1);
    await allowed(one, 30);

    expect(asked).toEqual(Array(11).fill('take 1'));
  });

  it('the points of a caller who has used half of them are counted exactly', async () => {
    const { one, other, asked } = stage();
    await one.take('a', 500);
    await other.take('a', 1);

    expect((await allowed(one, 400)) + (await allowed(other, 400))).toBe(499);

    expect(asked.filter((text) => text.startsWith('settle'))).toEqual([]);
  });

  it('what was too much is a debt: two nodes together give at most two percent too much each', async () => {
    const { one, other, left } = stage();
    await one.take('a', 1);
    await other.take('a', 999);

    const given = await allowed(one, 100);
    await one.settle();

    expect(given).toBe(20);
    expect(left()).toBe(-20);
    expect(await allowed(one, 5)).toBe(0);
  });

  it('a caller who is not there any more is forgotten', async () => {
    const { one, asked } = stage();
    await allowed(one, 2);

    await one.settle();
    await one.settle();
    await one.settle();
    await one.take('a', 1);

    expect(asked).toEqual(['take 1', 'settle 1', 'take 1']);
  });

  it('if the shared buckets cannot be reached, the next request asks again', async () => {
    const { one, asked } = stage({ isAway: true });
    await allowed(one, 2);

    await one.settle();
    await one.take('a', 1);

    expect(asked).toEqual(['take 1', 'settle 1', 'take 1']);
  });

  it('points are taken without being asked to', async () => {
    const { one, left } = stage({ settleMs: 1 });

    await allowed(one, 15);

    while (left() > 985) await setImmediate();
  });

  it('points that are given while others are settled are settled next', async () => {
    const { one, asked, left } = stage();
    await allowed(one, 3);

    const settled = one.settle();
    await one.take('a', 5);
    await settled;
    await one.settle();

    expect(asked).toEqual(['take 1', 'settle 2', 'settle 5']);
    expect(left()).toBe(992);
  });
});

(redis === null ? describe.skip : describe)('points that are taken later, in Redis', () => {
  async function aNode(perMinute: number, identity = anIdentity()) {
    const log = { warn: () => undefined, info: () => undefined };
    const limits = await openRedisLimits({ url: redis?.url ?? '', identity, log: log as never });
    connections.push(limits);
    const shared = limits.buckets('user', perMinute);
    const buckets = deferTaking(shared, perMinute);
    opened.push(buckets);
    return { shared, buckets };
  }

  it('points that were given already are taken as a debt', async () => {
    const { shared } = await aNode(10);
    const user = uuid();

    await shared.take(user, 10);
    const settled = await shared.settle(user, 20);
    const next = await shared.take(user, 1);

    expect(settled).toMatchObject({ remaining: 0 });
    expect(next.isAllowed).toBe(false);
    expect(next.waitMs).toBeGreaterThan(60_000);
  });

  it('a client of two nodes gets what a bucket holds and refills, and at most two percent more of each', async () => {
    const perMinute = 200;
    const identity = anIdentity();
    const nodes = [await aNode(perMinute, identity), await aNode(perMinute, identity)];
    const user = uuid();
    const startedAt = performance.now();

    const given = await Promise.all(
      nodes.map(async ({ buckets }) => {
        let count = 0;
        for (let time = 0; time < perMinute; time += 1) if ((await buckets.take(user, 1)).isAllowed) count += 1;
        return count;
      }),
    );

    const refilled = Math.ceil((perMinute * (performance.now() - startedAt)) / 60_000);
    const total = given.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(perMinute);
    expect(total).toBeLessThanOrEqual(perMinute + refilled + 2 * (perMinute / 50));
  });
});
