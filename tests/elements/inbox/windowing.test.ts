import { describe, expect, it } from '@jest/globals';
import { linesOf, startOfDay } from '../../../packages/inbox/src/inbox/days.ts';
import { createHeights } from '../../../packages/inbox/src/inbox/windowing.ts';
import { anItem } from './items.ts';

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `row ${index}`, kind: 'row' }));

describe('the heights of a list', () => {
  it('draws only what is near the viewport', () => {
    const heights = createHeights({ row: 50 });
    heights.set(rows(10_000));

    expect(heights.around(100_000, 500, 100)).toEqual({ from: 1998, to: 2013, before: 99_900, after: 399_350 });
    expect(heights.total()).toBe(500_000);
  });

  it('draws from the first line to the last one at the ends', () => {
    const heights = createHeights({ row: 50 });
    heights.set(rows(10));

    expect(heights.around(0, 5000, 100)).toEqual({ from: 0, to: 10, before: 0, after: 0 });
    expect(heights.around(99_999, 100, 100)).toMatchObject({ from: 9, to: 10, after: 0 });
  });

  it('draws nothing of an empty list', () => {
    expect(createHeights({}).around(0, 100, 100)).toEqual({ from: 0, to: 0, before: 0, after: 0 });
  });

  it('takes measured heights, and assumes them for other lines of the kind', () => {
    const heights = createHeights({ row: 50, day: 20 });
    heights.set([{ key: 'day', kind: 'day' }, ...rows(3)]);

    expect(heights.measure('row 0', 'row', 60)).toBe(true);
    expect(heights.measure('row 1', 'row', 60)).toBe(false);
    expect(heights.measure('row 2', 'row', 90)).toBe(true);

    expect(heights.offsetOf(1)).toBe(20);
    expect([0, 1, 2, 3].map(heights.heightOf)).toEqual([20, 60, 60, 90]);
    expect(heights.total()).toBe(230);
  });

  it('keeps measured heights by key when lines are inserted', () => {
    const heights = createHeights({ row: 50 });
    heights.set(rows(2));
    heights.measure('row 1', 'row', 80);
    heights.set([{ key: 'new', kind: 'day' }, ...rows(2)]);

    expect(heights.heightOf(2)).toBe(80);
  });

  it('ignores the height of what is not displayed', () => {
    const heights = createHeights({ row: 50 });
    heights.set(rows(1));

    expect(heights.measure('row 0', 'row', 0)).toBe(false);
    expect(heights.total()).toBe(50);
  });
});

describe('the lines of a list', () => {
  const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

  it('groups notifications by the local day', () => {
    const items = [
      anItem(4, { timestamp: at(2026, 5, 2, 0, 0) }),
      anItem(3, { timestamp: at(2026, 5, 1, 23, 59) }),
      anItem(2, { timestamp: at(2026, 5, 1, 0, 0) }),
      anItem(1, { timestamp: null }),
    ];

    const lines = linesOf(items).map((line) => (line.kind === 'day' ? line.start : line.item.id));

    const day = (date: number) => startOfDay(new Date(2026, 5, date, 12).getTime());
    expect(lines).toEqual([day(2), '4', day(1), '3', '2', undefined, '1']);
  });

  it('gives each line a key of its own, and each notification its position', () => {
    const lines = linesOf(Array.from({ length: 100 }, (_, index) => anItem(1000 - index)));

    expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
    expect(lines.at(-1)).toMatchObject({ position: 99 });
  });
});
