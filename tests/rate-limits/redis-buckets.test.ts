import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import { openRedisLimits, type RedisLimits } from '../../src/rate-limits/redis-buckets.ts';
import type { Taken } from '../../src/rate-limits/token-buckets.ts';
import { anIdentity } from '../support/identity.ts';
import { aProxy, type FaultyProxy } from '../support/proxy.ts';
import { onRedis, startTestRedis } from '../support/redis.ts';

const redis = await startTestRedis();
afterAll(() => redis?.stop());
if (redis === null) process.stderr.write('There is no Redis: the tests of limits in Redis are skipped.\n');
const url = redis?.url ?? '';

const opened: RedisLimits[] = [];
const proxies: FaultyProxy[] = [];
afterEach(async () => {
  for (const limits of opened.splice(0)) limits.close();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

/** The buckets of one node, and what it logged. */
async function aNode(perMinute: number, { at = url, identity = anIdentity() } = {}) {
  const logged: string[] = [];
  const log = (_fields: unknown, text: string) => void logged.push(text);
  const limits = await openRedisLimits({
    url: at,
    identity,
    log: { warn: log, info: (text: string) => void logged.push(text) } as never,
  });
  opened.push(limits);
  return { buckets: limits.buckets('user', perMinute), logged };
}

/** The address of Redis behind a proxy that can fail. */
async function throughAProxy() {
  const address = new URL(url);
  const proxy = await aProxy({ port: Number(address.port || 6379), host: address.hostname });
  proxies.push(proxy);
  address.host = `127.0.0.1:${proxy.port}`;
  return Object.assign(proxy, { url: address.href });
}

async function takeMany(take: () => Taken | Promise<Taken>, times: number): Promise<Taken[]> {
  const taken = [];
  for (let index = 0; index < times; index += 1) taken.push(await take());
  return taken;
}

(redis === null ? describe.skip : describe)('token buckets in Redis', () => {
  it('two nodes take from the same bucket', async () => {
    const identity = anIdentity();
    const [one, other] = [await aNode(4, { identity }), await aNode(4, { identity })];
    const user = uuid();

    const taken = [
      ...(await takeMany(() => one.buckets.take(user, 1), 2)),
      ...(await takeMany(() => other.buckets.take(user, 1), 3)),
    ];

    expect(taken.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, true, false]);
    expect(taken.map(({ remaining }) => remaining)).toEqual([3, 2, 1, 0, 0]);
    expect(taken[4]?.waitMs).toBeGreaterThan(0);
    expect(taken[4]?.waitMs).toBeLessThanOrEqual(15_000);
  });

  it('concurrent requests never take more than a bucket holds', async () => {
    const { buckets } = await aNode(10);
    const user = uuid();

    const taken = await Promise.all(Array.from({ length: 40 }, () => buckets.take(user, 1)));

    expect(taken.filter(({ isAllowed }) => isAllowed)).toHaveLength(10);
  });

  it('a refused operation takes nothing, and a cheaper one may still run', async () => {
    const { buckets } = await aNode(10);
    const user = uuid();

    const taken = [await buckets.take(user, 6), await buckets.take(user, 6), await buckets.take(user, 4)];

    expect(taken.map(({ isAllowed }) => isAllowed)).toEqual([true, false, true]);
  });

  it('what costs more than a bucket holds runs when the bucket is full, as a debt', async () => {
    const { buckets } = await aNode(10);
    const user = uuid();

    const taken = [await buckets.take(user, 30), await buckets.take(user, 1)];

    expect(taken.map(({ isAllowed }) => isAllowed)).toEqual([true, false]);
    expect(taken[1]?.waitMs).toBeGreaterThan(60_000);
  });

  it('a bucket leaves Redis when it is full again', async () => {
    const { buckets } = await aNode(10);
    const user = uuid();
    await buckets.take(user, 1);

    const [key = ''] = await onRedis(url, (client) => client.keys(`tidings:*:limit:user:${user}`));
    const expiresMs = await onRedis(url, (client) => client.pttl(key));

    expect(expiresMs).toBeGreaterThan(0);
    expect(expiresMs).toBeLessThanOrEqual(6000);
  });

  it('stores that share a Redis do not share their limits', async () => {
    const [one, other] = [await aNode(1), await aNode(1)];
    const user = uuid();

    const taken = [await one.buckets.take(user, 1), await other.buckets.take(user, 1)];

    expect(taken.map(({ isAllowed }) => isAllowed)).toEqual([true, true]);
  });

  it.each([
    ['its connection is lost', (proxy: FaultyProxy) => proxy.cut()],
    ['it does not answer', (proxy: FaultyProxy) => proxy.stall()],
  ])('while Redis is away a node counts in its own memory, and says so once (%s)', async (_how, fail) => {
    const proxy = await throughAProxy();
    const { buckets, logged } = await aNode(3, { at: proxy.url });
    const user = uuid();
    await buckets.take(user, 3);

    // New connections stall, too.
    proxy.stall();
    fail(proxy);
    const taken = await takeMany(() => buckets.take(user, 1), 4);

    expect(taken.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false]);
    expect(logged).toEqual(['Redis is away: limits are counted by each node']);
  });

  it('when Redis is back a node counts there again, and says so', async () => {
    const proxy = await throughAProxy();
    const { buckets, logged } = await aNode(1, { at: proxy.url });
    const user = uuid();
    await buckets.take(user, 1);
    proxy.stall();
    await buckets.take(user, 1);

    proxy.resume();
    while (logged.length < 2) await buckets.take(uuid(), 1);

    expect(logged[1]).toBe('limits are counted in Redis again');
    expect(await buckets.take(user, 1)).toMatchObject({ isAllowed: false });
  });
});
