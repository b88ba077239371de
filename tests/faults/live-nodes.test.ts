import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { testDatabase } from '../support/database.ts';
import { startTestRedis } from '../support/redis.ts';
import { afterwards } from './afterwards.ts';
import { report, scale } from './live-figures.ts';
import { startNodes } from './live-node.ts';
import { figuresOf, flawless, followAll, judge, people } from './live-stage.ts';
import { amiss, listen, outOfOrder, untrue } from './live-wide.ts';
import { write } from './live-writers.ts';

const writes = 200 * scale;

jest.setTimeout(90_000 + 60_000 * scale);

const redis = await startTestRedis();
afterAll(() => redis?.stop());
const buses = [['PostgreSQL', 'postgres'] as const, ...(redis ? [['Redis', redis.url] as const] : [])];
if (redis === null) {
  process.stderr.write('There is no Redis: two nodes on Redis are skipped.\n');
  describe.skip('two nodes on Redis', () => it('tell everything', () => undefined));
}

describe.each(buses)('two nodes on %s', (name, bus) => {
  it('tell everything once and in order, on whichever of them it was written', async () => {
    const { url: databaseUrl, drop } = await testDatabase();
    afterwards(drop);
    const { urls, url } = await startNodes(2, databaseUrl, { EVENT_BUS: bus });
    const some = await people(url, 5);
    const followers = await followAll(some, 2, urls);
    const wide = await Promise.all(urls.map((one) => listen(one)));
    const begun = performance.now();

    const load = await write({
      name: `nodes on ${name}`,
      recipients: some.map(({ id }) => id),
      urls,
      writes,
      onWrite({ acknowledged }) {
        // Now and then one of them comes back of itself, to the other node.
        if (acknowledged % 10 === 0) followers[(acknowledged / 10) % followers.length]?.hangUp();
      },
    });
    const tookMs = performance.now() - begun;

    expect(load.unsure).toBe(0);
    expect(await judge({ databaseUrl, url }, followers, load)).toEqual(flawless);
    for (const one of wide) {
      await one.until(() => amiss(one, load).length === 0 && untrue(one, load).length === 0);
      expect({
        ended: one.ended(),
        amiss: amiss(one, load),
        outOfOrder: outOfOrder(one, load),
        untrue: untrue(one, load),
      }).toEqual({ ended: undefined, amiss: [], outOfOrder: [], untrue: [] });
    }
    report(`two nodes on ${name}`, {
      ...figuresOf(load, followers),
      'wide events': wide.reduce((sum, { told }) => sum + told.length, 0),
      'writes/s': (1000 * writes) / tookMs,
    });
  });
});
