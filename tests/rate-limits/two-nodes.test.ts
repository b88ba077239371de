import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Person, startTestApp, type TestApp } from '../support/app.ts';
import { send } from '../support/client.ts';
import { startTestRedis } from '../support/redis.ts';

const redis = await startTestRedis();
if (redis === null) process.stderr.write('There is no Redis: the tests of limits over two nodes are skipped.\n');

const limit = 20;
const list = '/notifications?limit=1';

/** The number of responses with each status. */
async function ask(nodes: readonly TestApp[], as: Person, times: number): Promise<ReadonlyMap<number, number>> {
  const asked = Array.from({ length: times }, (_, index) => send(nodes[index % nodes.length] as TestApp, list, { as }));
  const counts = new Map<number, number>();
  for (const { status } of await Promise.all(asked)) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

/** The most that a bucket gives in the time that the work takes: what it holds, and what it refills. */
async function shareDuring<Result>(work: () => Promise<Result>): Promise<{ share: number; result: Result }> {
  const startedAt = performance.now();
  const result = await work();
  return { share: limit + Math.ceil((limit * (performance.now() - startedAt)) / 60_000), result };
}

describe('a runaway client', () => {
  let node: TestApp;
  beforeAll(async () => {
    node = await startTestApp({ USER_RATE_LIMIT: `${limit}` });
  });
  afterAll(() => node.stop());

  it('a runaway client gets its share of a node, and others are not refused', async () => {
    const { alice, bob } = node.people;

    const { share, result } = await shareDuring(() => Promise.all([ask([node], alice, 120), ask([node], bob, limit)]));

    const [runaway, other] = result;
    expect(runaway.get(200)).toBeGreaterThanOrEqual(limit);
    expect(runaway.get(200)).toBeLessThanOrEqual(share);
    expect(runaway.get(429)).toBe(120 - (runaway.get(200) ?? 0));
    expect(other).toEqual(new Map([[200, limit]]));
  });
});

(redis === null ? describe.skip : describe)('a runaway client of two nodes', () => {
  const url = redis?.url ?? '';
  let nodes: readonly TestApp[] = [];
  beforeAll(async () => {
    const environment = { USER_RATE_LIMIT: `${limit}`, EVENT_BUS: url };
    const one = await startTestApp(environment);
    nodes = [one, await startTestApp(environment, { nodeOf: one })];
  });
  afterAll(async () => {
    for (const node of [...nodes].reverse()) await node.stop();
    await redis?.stop();
  });

  it('a runaway client gets its share of both nodes together, and others are not refused', async () => {
    const { alice, bob } = (nodes[0] as TestApp).people;

    const { share, result } = await shareDuring(() => Promise.all([ask(nodes, alice, 120), ask(nodes, bob, limit)]));

    const [runaway, other] = result;
    expect(runaway.get(200)).toBeGreaterThanOrEqual(limit);
    expect(runaway.get(200)).toBeLessThanOrEqual(share);
    expect(runaway.get(429)).toBe(120 - (runaway.get(200) ?? 0));
    expect(other).toEqual(new Map([[200, limit]]));
  });
});
