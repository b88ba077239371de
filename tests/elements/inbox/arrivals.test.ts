import { describe, expect, it } from '@jest/globals';
import { createArrivals } from '../../../packages/inbox/src/inbox/arrivals.ts';
import { anItem, keysOfItems } from './items.ts';

const [one, two, three, four] = [anItem(1), anItem(2), anItem(3), anItem(4)];

describe('arrivals', () => {
  it('holds new notifications while rows must not move, and says how many', () => {
    const arrivals = createArrivals();
    arrivals.update([two, one], false);

    const { items, held } = arrivals.update([four, three, two, one], false);

    expect(keysOfItems(items)).toEqual(['2', '1']);
    expect(held).toBe(2);
  });

  it('shows new notifications at once while the list is quiet, and those held before', () => {
    const arrivals = createArrivals();
    arrivals.update([two, one], false);
    arrivals.update([three, two, one], false);

    const { items, held } = arrivals.update([four, three, two, one], true);

    expect(keysOfItems(items)).toEqual(['4', '3', '2', '1']);
    expect(held).toBe(0);
  });

  it('appends an older page', () => {
    const arrivals = createArrivals();
    arrivals.update([four, three], false);

    const { items, held } = arrivals.update([four, three, two, one], false);

    expect(keysOfItems(items)).toEqual(['4', '3', '2', '1']);
    expect(held).toBe(0);
  });

  it('shows what an undo returns to its place', () => {
    const arrivals = createArrivals();
    arrivals.update([three, two, one], false);
    arrivals.update([two, one], false);

    expect(keysOfItems(arrivals.update([three, two, one], false).items)).toEqual(['3', '2', '1']);
  });

  it('holds what returns from a snooze as new', () => {
    const arrivals = createArrivals();
    arrivals.update([two, one], false);
    arrivals.update([two], false);

    const returned = { ...one, timestamp: '2026-07-01T00:00:00.000Z' };

    expect(arrivals.update([returned, two], false)).toMatchObject({ items: [two], held: 1 });
  });

  it('shows the first notification of an empty list', () => {
    const arrivals = createArrivals();
    arrivals.update([one], false);
    arrivals.update([], false);

    expect(arrivals.update([two], false)).toMatchObject({ items: [two], held: 0 });
  });

  it('counts what arrived since the update before, shown or held', () => {
    const arrivals = createArrivals();
    const numbers = [
      arrivals.update([one], false),
      arrivals.update([two, one], false),
      arrivals.update([three, two, one], false),
      arrivals.update([three, two, one], true),
      arrivals.update([four, three, two, one], true),
    ].map(({ arrived }) => arrived);

    expect(numbers).toEqual([0, 1, 1, 0, 1]);
  });

  it('keeps a notification in its place until it is elsewhere', () => {
    const arrivals = createArrivals();
    arrivals.update([three, two, one], false);
    arrivals.keep(two);

    expect(keysOfItems(arrivals.update([three, one], false).items)).toEqual(['3', '2', '1']);
    arrivals.amend(['2'], (item) => ({ ...item, saved_at: 'now' }));
    expect(arrivals.update([three, one], false).items[1]).toMatchObject({ saved_at: 'now' });
    arrivals.amend(['2'], (item) => ({ ...item, state: 'archived' }));
    expect(keysOfItems(arrivals.update([three, one], false).items)).toEqual(['3', '1']);
  });

  it('does not show a kept notification twice when the filter lists it again', () => {
    const arrivals = createArrivals();
    arrivals.update([three, two, one], false);
    arrivals.keep(two);
    arrivals.update([three, one], false);

    expect(keysOfItems(arrivals.update([three, two, one], false).items)).toEqual(['3', '2', '1']);
  });
});
