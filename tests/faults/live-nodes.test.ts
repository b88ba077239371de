import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { testDatabase } from '../support/database.ts';
import { startTestRedis } from '../support/redis.ts';
import { afterwards } from './afterwards.ts';
import { report, scale } from './live-figures.ts';
import { startNodes } from './live-node.ts';
import { compare, figuresOf, followAll, noFaults, people } from './live-stage.ts';
import { outOfOrder, subscribeWide, wrongCounts, wrongStates } from './live-wide.ts';
import { write } from './live-writers.ts';

const writes = 200 * scale;

jest.setTimeout(90_000 + 60_000 * scale);

const redis = await startTestRedis();
afterAll(() => redis?.stop());
const buses = [['PostgreSQL', 'postgres'] as const, ...(redis ? [['Redis', redis.url] as const] : [])];
if (redis === null) {
  process.stderr.write('There is no Redis: the tests of two nodes on Redis are skipped.\n');
  describe.skip('two nodes on Redis', () => it('two nodes on Redis send every change', () => undefined));
}

describe.each(buses)('two nodes on %s', (name, bus) => {
  it('two nodes send every change once and in order, whichever node wrote it', async () => {
    const { url: databaseUrl, drop } = await testDatabase();
    afterwards(drop);
    const { urls, url } = await startNodes(2, databaseUrl, { EVENT_BUS: bus });
    const some = await people(url, 5);
    const followers = await followAll(some, 2, urls);
    const wide = await Promise.all(urls.map((one) => subscribeWide(one)));
    const begun = performance.now();

    const load = await write({
      name: `nodes on ${name}`,
      recipients: some.map(({ id }) => id),
      urls,
      writes,
      onWrite({ acknowledged }) {
        // Every tenth write, one follower reconnects to the other node.
        if (acknowledged % 10 === 0) followers[(acknowledged / 10) % followers.length]?.disconnect();
      },
    });
    const tookMs = performance.now() - begun;

    expect(load.unanswered).toBe(0);
    expect(await compare({ databaseUrl, url }, followers, load)).toEqual(noFaults);
    for (const one of wide) {
      await one.until(() => wrongCounts(one, load).length === 0 && wrongStates(one, load).length === 0);
      expect({
        ended: one.ended(),
        wrongCounts: wrongCounts(one, load),
        outOfOrder: outOfOrder(one, load),
        wrongStates: wrongStates(one, load),
      }).toEqual({ ended: undefined, wrongCounts: [], outOfOrder: [], wrongStates: [] });
    }
    report(`two nodes on ${name}`, {
      ...figuresOf(load, followers),
      'wide events': wide.reduce((sum, { events }) => sum + events.length, 0),
      'writes/s': (1000 * writes) / tookMs,
    });
  });
});
