import { describe, expect, it } from '@jest/globals';
import { Histogram, Registry } from 'prom-client';
import { createDurationHistogram } from '../../src/metrics/duration-histogram.ts';

const options = { name: 'seconds', help: 'Durations.', labelNames: ['route'] as const };
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Durations around all bounds, and on them. */
const durations = (count: number) =>
  Array.from({ length: count }, (_, index) => (buckets[index % buckets.length] as number) * (0.5 + (index % 3) / 2));

/** In one order: that of the series is the order in which they were first recorded. */
const linesOf = async (registry: Registry) => (await registry.metrics()).split('\n').sort();

describe('a histogram of durations', () => {
  it.each([0, 1, 127, 128, 129, 1_000])('says after %s durations what one of prom-client says', async (count) => {
    const [ours, theirs] = [new Registry(), new Registry()];
    const seriesOf = createDurationHistogram({ ...options, registry: ours });
    const expected = new Histogram({ ...options, buckets, registers: [theirs] });
    const series = { '/a': seriesOf({ route: '/a' }), '/b': seriesOf({ route: '/b' }) };
    for (const [index, seconds] of durations(count).entries()) {
      const route = index % 5 === 0 ? '/b' : '/a';
      series[route].observe(seconds);
      expected.labels({ route }).observe(seconds);
    }
    expect(await linesOf(ours)).toEqual(await linesOf(theirs));
  });

  it('counts each duration once, however often the metrics are read', async () => {
    const registry = new Registry();
    const series = createDurationHistogram({ ...options, registry })({ route: '/a' });
    for (const seconds of durations(200)) series.observe(seconds);
    const first = await registry.metrics();
    expect(first).toContain('seconds_count{route="/a"} 200');
    expect(await registry.metrics()).toBe(first);
    series.observe(1);
    expect(await registry.metrics()).toContain('seconds_count{route="/a"} 201');
  });
});
